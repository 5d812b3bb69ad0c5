export interface Piece {
  text: string
  hit: boolean
}

/** As the server compares: lower case and half width, letter by letter. */
const fold = (text: string) =>
  Array.from(text, (c) => {
    const folded = c.normalize('NFKC').toLowerCase()
    return folded.length === c.length ? folded : c
  }).join('')

/** Cuts a text where the marks stand in it; the longest mark counts. */
export function pieces(text: string, marks: readonly string[]): Piece[] {
  const folded = fold(text)
  const words = marks.filter(Boolean).toSorted((a, b) => b.length - a.length)
  const out: Piece[] = []
  const add = (part: string, hit: boolean) => {
    const last = out.at(-1)
    if (last?.hit === hit) last.text += part
    else out.push({ text: part, hit })
  }
  for (let i = 0; i < text.length;) {
    const word = words.find((w) => folded.startsWith(w, i))
    add(text.slice(i, i + (word?.length ?? 1)), word !== undefined)
    i += word?.length ?? 1
  }
  return out
}
