// Things that people bring to a page: credit codes, pictures, papers.
import { deflateSync, crc32 } from 'node:zlib'

const alphabet = '0123456789ABCDEFGHJKLMNPQRTUWXY'

/** A unified social credit code that nobody can have (division 990100), with the right check characters (GB 32100-2015). */
export function creditCode(seed) {
  let n = [...seed].reduce((sum, c) => (sum * 131 + c.codePointAt(0)) >>> 0, 7)
  let body = ''
  for (let i = 0; i < 8; i++) {
    body += alphabet[n % 10]
    n = (n * 1103515245 + 12345) >>> 0
    n = (n ^ (n >>> 13)) >>> 0
  }
  const weights = [3, 7, 9, 10, 5, 8, 4, 2]
  const rest = 11 - ([...body].reduce((sum, c, i) => sum + Number(c) * weights[i], 0) % 11)
  const code = `91990100${body}${rest === 10 ? 'X' : rest === 11 ? '0' : rest}`
  const sum = [...code].reduce((total, c, i) => total + alphabet.indexOf(c) * (3 ** i % 31), 0)
  return code + alphabet[(31 - (sum % 31)) % 31]
}

/** A small PNG in one colour, as a file for an upload field. */
export function picture(name, [r, g, b] = [29, 87, 194], width = 320, height = 200) {
  const chunk = (type, data) => {
    const body = Buffer.concat([Buffer.from(type), data])
    const head = Buffer.alloc(4)
    head.writeUInt32BE(data.length)
    const tail = Buffer.alloc(4)
    tail.writeUInt32BE(crc32(body) >>> 0)
    return Buffer.concat([head, body, tail])
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, 2, 0, 0, 0], 8)
  const row = Buffer.concat([Buffer.from([0]), Buffer.alloc(width * 3, Buffer.from([r, g, b]))])
  const buffer = Buffer.concat([
    Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.concat(Array(height).fill(row)))),
    chunk('IEND', Buffer.alloc(0)),
  ])
  return { name, mimeType: 'image/png', buffer }
}

/** A small PDF. */
export function document(name) {
  const text = '%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n'
  return { name, mimeType: 'application/pdf', buffer: Buffer.from(text) }
}
