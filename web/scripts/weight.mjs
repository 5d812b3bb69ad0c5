// Prints what the portal's home page loads, compressed, and fails above the budget.
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'

const budget = 220 * 1000
const dist = new URL('../dist/', import.meta.url)
const manifest = JSON.parse(readFileSync(new URL('.vite/manifest.json', dist), 'utf8'))
const files = new Set()

function take(key) {
  const chunk = manifest[key]
  if (!chunk || files.has(chunk.file)) return
  files.add(chunk.file)
  for (const css of chunk.css ?? []) files.add(css)
  for (const next of chunk.imports ?? []) take(next)
}

take('index.html')
for (const key of Object.keys(manifest)) if (/features\/home\/HomePage\.vue$/.test(key)) take(key)

let sum = 0
for (const file of files) {
  const size = gzipSync(readFileSync(new URL(file, dist)), { level: 9 }).length
  sum += size
  console.log(String(size).padStart(8), file)
}
console.log(String(sum).padStart(8), `compressed bytes of the home page, budget ${budget}`)
process.exitCode = sum > budget ? 1 : 0
