// Starts the built program from outside, as an operator would, with a data
// folder (and on PostgreSQL a database) of its own.
import { execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

export const root = new URL('../../..', import.meta.url).pathname
const program = join(root, 'bin', 'smedx')
const engine = process.env.SMEDX_E2E_ENGINE ?? 'sqlite'

/**
 * Starts the program on a free port and waits until it is ready.
 * demo: load the demo data. args: further arguments of `serve`.
 */
export async function startProduct({ demo = false, args = [] } = {}) {
  if (process.env.SMEDX_E2E_URL) return new Product(null, null, args).at(process.env.SMEDX_E2E_URL)
  const data = mkdtempSync(join(tmpdir(), 'smedx-e2e-'))
  const loaded = process.env.SMEDX_E2E_DEMO // a data folder with the demo data in it
  if (demo && loaded && engine === 'sqlite') cpSync(loaded, data, { recursive: true })
  const database = engine === 'postgres' ? createDatabase() : null
  const product = new Product(data, database, [...(demo ? ['--demo'] : []), ...args])
  try {
    await product.start()
  } catch (error) {
    await product.remove()
    throw error
  }
  return product
}

class Product {
  #process
  #output = ''

  constructor(data, database, args) {
    this.data = data
    this.database = database
    this.args = args
  }

  /** Uses a product that runs already (with --test-hooks), while a walk is written. */
  at(url) {
    this.url = url
    this.remove = async () => {}
    return this
  }

  /** Starts the process; also after stop, on the same data. */
  async start() {
    this.port ??= await freePort()
    this.url = `http://127.0.0.1:${this.port}`
    const args = ['serve', '--test-hooks', '--data', this.data, '--addr', `127.0.0.1:${this.port}`, ...this.args]
    if (this.database) args.push('--db', this.database.address, '--migrate')
    this.#process = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    const started = this.#process
    let gone = null
    started.on('error', (error) => (gone = error.message))
    started.on('exit', (code, signal) => (gone = `it ended with ${signal ?? code}`))
    for (const stream of [started.stdout, started.stderr]) {
      stream.on('data', (chunk) => (this.#output = (this.#output + chunk).slice(-20_000)))
    }
    const deadline = Date.now() + 150_000
    while (Date.now() < deadline) {
      if (gone !== null) throw new Error(`smedx did not start: ${gone}\n${this.#output}`)
      const ready = await fetch(this.url + '/readyz').then((r) => r.ok, () => false)
      if (ready) return
      await sleep(50)
    }
    throw new Error(`smedx is not ready after two and a half minutes\n${this.#output}`)
  }

  /** The last of what the program wrote. */
  get output() {
    return this.#output
  }

  /** Ends the process: SIGTERM lets it finish, SIGKILL does not. */
  async stop(signal = 'SIGTERM') {
    const running = this.#process
    if (!running || running.exitCode !== null || running.signalCode !== null) return
    const ended = new Promise((resolve) => running.once('exit', resolve))
    running.kill(signal)
    const late = setTimeout(() => running.kill('SIGKILL'), 15_000)
    await ended
    clearTimeout(late)
  }

  /** Stops the process and removes everything it kept. */
  async remove() {
    await this.stop()
    rmSync(this.data, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 })
    this.database?.drop()
  }

  /** SMS and mail sent to a phone number or address, newest last. */
  async outbox(to) {
    const { items } = await this.#test('GET', '/_test/outbox')
    return items.filter((message) => message.recipient === to).reverse()
  }

  /** Waits until more than `after` messages with a number code went to somebody; returns the last code. */
  async code(to, after = 0) {
    const deadline = Date.now() + 10_000
    while (Date.now() < deadline) {
      const codes = (await this.outbox(to)).flatMap((message) => /\d{6}/.exec(message.text)?.[0] ?? [])
      if (codes.length > after) return codes.at(-1)
      await sleep(100)
    }
    throw new Error(`no code was sent to ${to}`)
  }

  /** Does all timed work that is due now (expiry, settlement, messages). */
  async sweep() {
    await this.#test('POST', '/_test/sweep')
  }

  /** Moves the program's clock to an instant (a Date or RFC 3339 text); it runs on from there. */
  async setClock(instant) {
    await this.#test('POST', '/_test/clock', { now: new Date(instant).toISOString() })
  }

  /** What `smedx reconcile` says of the books, beside the running program. */
  reconcile() {
    const args = ['reconcile', '--json', '--data', this.data ?? process.env.SMEDX_E2E_DATA]
    if (this.database) args.push('--db', this.database.address)
    try {
      return JSON.parse(execFileSync(program, args, { encoding: 'utf8' }))
    } catch (error) {
      return JSON.parse(error.stdout) // it ends with 1 when something is broken
    }
  }

  async #test(method, path, body) {
    const answer = await fetch(this.url + path, {
      method,
      headers: body ? { 'Content-Type': 'application/json' } : {},
      body: body && JSON.stringify(body),
    })
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`)
    return answer.status === 204 ? null : answer.json()
  }
}

// The server comes from scripts/with-postgres; its name is checked before anything is created on it.
function createDatabase() {
  const server = process.env.SMEDX_TEST_PG
  if (!server) throw new Error('SMEDX_TEST_PG is not set; use scripts/with-postgres')
  const sql = (text) => execFileSync('psql', [server, '-qAtc', text], { encoding: 'utf8' }).trim()
  const mark = process.env.SMEDX_TEST_PG_MARK
  if (!mark || sql('SHOW cluster_name') !== mark) throw new Error('SMEDX_TEST_PG leads to a server that was not started for tests')
  const name = `smedx_e2e_${randomBytes(8).toString('hex')}`
  sql(`CREATE DATABASE ${name}`)
  return {
    address: server.replace(/\/postgres(?=\?|$)/, `/${name}`),
    drop: () => sql(`DROP DATABASE ${name} WITH (FORCE)`),
  }
}

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address()
      probe.close(() => resolve(port))
    })
  })
}
