import { describe, expect, it } from 'vitest'
import { drawAgain } from './drawAgain'

// The same vector as in the server's test.
const lot = (number: string, ticket: string) => ({
  number,
  ticket,
  result: 'granted' as const,
  mine: false,
})
const draw = {
  seed: '00112233',
  commitment: '32b4f576fc607b3ed0a1516e772567e52f31093263c548b9c716725877238b94',
  lots: [
    lot('2', '026a44c7f676457e08db7ca23f83196f61dba94cfdc2ee618fb6e38139657e2e'),
    lot('3', '535076789f739742a57f66a228db3593e4da5a3d0c245c583ac2b59b017e88a9'),
    lot('1', '7ed8fede7d9c63491f20104e8f60d8c9d3b2256ead718aec542ed012f0a634e5'),
  ],
}

describe('drawing the lots again', () => {
  it('finds the published result right', async () => {
    expect(await drawAgain(draw)).toBe('right')
  })
  it('finds another order, another list and another seed wrong', async () => {
    const [a, b, c] = draw.lots
    expect(await drawAgain({ ...draw, lots: [b!, a!, c!] })).toBe('wrong')
    expect(await drawAgain({ ...draw, lots: [a!, b!] })).toBe('wrong')
    expect(await drawAgain({ ...draw, seed: '00112234' })).toBe('wrong')
  })
})
