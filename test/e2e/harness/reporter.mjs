// One line of JSON for each test, for scripts/testrun to count.
export default async function* reporter(events) {
  let said = '' // what the files wrote to stderr: the only word on one that fails outside of its tests
  for await (const { type, data } of events) {
    if (type === 'test:stderr') said = (said + data.message).slice(-2000)
    if (type !== 'test:pass' && type !== 'test:fail') continue
    if (data.details?.type === 'suite') continue
    const error = data.details?.error
    if (error?.failureType === 'subtestsFailed') continue
    const result = data.skip !== undefined || data.todo !== undefined ? 'skipped' : type === 'test:pass' ? 'passed' : 'failed'
    const cause = error?.cause
    yield JSON.stringify({
      name: data.name,
      result,
      ms: Math.round(data.details?.duration_ms ?? 0),
      why: result === 'failed' ? String(cause?.stack ?? cause ?? error) + (data.name.endsWith('.mjs') ? `\n${said}` : '') : '',
    }) + '\n'
  }
}
