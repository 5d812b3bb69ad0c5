import type { Schemas } from '@/api/client'

async function digest(text: string): Promise<string> {
  const bytes = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
  return Array.from(new Uint8Array(bytes), (b) => b.toString(16).padStart(2, '0')).join('')
}

/**
 * Draws the lots again from what is published, in the browser of whoever wants
 * to know: the same rule as the server's DrawLots.
 */
export async function drawAgain(
  d: Pick<Schemas['DrawView'], 'seed' | 'commitment' | 'lots'>,
): Promise<'right' | 'wrong' | 'unable'> {
  if (!globalThis.crypto?.subtle) return 'unable' // a page without TLS
  if ((await digest(d.seed)) !== d.commitment) return 'wrong'
  const numbers = d.lots.map((l) => l.number)
  const ascending = [...numbers].sort((a, b) => (BigInt(a) < BigInt(b) ? -1 : 1))
  const list = await digest(ascending.join('\n'))
  const tickets = await Promise.all(
    ascending.map(async (number) => ({
      number,
      ticket: await digest(`${d.seed}\n${list}\n${number}`),
    })),
  )
  tickets.sort((a, b) => (a.ticket < b.ticket ? -1 : 1))
  return tickets.every((t, i) => t.number === numbers[i] && t.ticket === d.lots[i]!.ticket)
    ? 'right'
    : 'wrong'
}
