/** A path with those of the parameters that say something. */
export function addressOf(path: string, query: Record<string, string | undefined>): string {
  const q = new URLSearchParams()
  for (const [k, v] of Object.entries(query)) if (v) q.set(k, v)
  const text = q.toString()
  return text ? `${path}?${text}` : path
}
