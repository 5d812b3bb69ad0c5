// Prints what the pages that strangers open first load, compressed: scripts and
// styles, no pictures. Fails above the budget.
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'

const budgets = {
  'home/HomePage': 130_000,
  'catalog/CatalogPage': 165_000,
  'catalog/ProductPage': 180_000,
}
const dist = new URL('../dist/', import.meta.url)
const manifest = JSON.parse(readFileSync(new URL('.vite/manifest.json', dist), 'utf8'))
const sizes = new Map()

function size(file) {
  if (!sizes.has(file))
    sizes.set(file, gzipSync(readFileSync(new URL(file, dist)), { level: 9 }).length)
  return sizes.get(file)
}

/** The files that a part of the program needs before it can run. */
function take(key, files = new Set()) {
  const chunk = manifest[key]
  if (!chunk || files.has(chunk.file)) return files
  files.add(chunk.file)
  for (const css of chunk.css ?? []) files.add(css)
  for (const next of chunk.imports ?? []) take(next, files)
  return files
}

for (const [page, budget] of Object.entries(budgets)) {
  const key = Object.keys(manifest).find((k) => k.endsWith(`features/${page}.vue`))
  if (!key) throw new Error(`the build has no ${page}`)
  const files = take(key, take('index.html'))
  const sum = [...files].reduce((n, file) => n + size(file), 0)
  if (process.argv.includes('--files'))
    for (const file of files) console.log(String(size(file)).padStart(8), file)
  console.log(String(sum).padStart(8), `compressed bytes of ${page}, budget ${budget}`)
  if (sum > budget) process.exitCode = 1
}
