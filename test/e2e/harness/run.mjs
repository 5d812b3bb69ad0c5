// Runs the files of walks, two at a time: three outrun a slow machine. The
// longest come first, so that both places stay taken to the end. One line of
// JSON for each test; REPORTER=spec writes for people.
import { readdirSync } from 'node:fs'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'
import reporter from './reporter.mjs'

const longest = ['chain_postgres', 'pages', 'chain', 'offerings', 'catalog', 'review', 'vouchers', 'members']
const folder = new URL('../', import.meta.url).pathname
const ending = '.test.mjs'
const all = readdirSync(folder).filter((file) => file.endsWith(ending)).map((file) => file.slice(0, -ending.length))
const wanted = process.argv.length > 2 ? process.argv.slice(2) : all.filter((name) => name !== 'chain_postgres' || process.env.SMEDX_TEST_PG)
const place = (name) => (longest.indexOf(name) + 1 || longest.length + 1)

const files = wanted.sort((a, b) => place(a) - place(b)).map((name) => folder + name + ending)
run({ files, concurrency: Number(process.env.CONCURRENCY ?? 2) })
  .on('test:fail', () => (process.exitCode = 1))
  .compose(process.env.REPORTER === 'spec' ? new spec() : reporter)
  .pipe(process.stdout)
