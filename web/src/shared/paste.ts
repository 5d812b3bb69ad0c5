const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

/** Pasted text as paragraphs: what a word processor put around it is left behind. */
export function plainParagraphs(text: string): string {
  const lines = text
    .replaceAll('\r\n', '\n')
    .replaceAll('\r', '\n')
    .split('\n')
    .map((l) => l.trim())
    .filter(Boolean)
    .map((l) => l.replace(/[&<>"]/g, (c) => entities[c]!))
  return lines.length > 1 ? lines.map((l) => `<p>${l}</p>`).join('') : (lines[0] ?? '')
}
