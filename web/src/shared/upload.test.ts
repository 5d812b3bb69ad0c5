import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { Canceled, sendFile, unfinished, type UploadedFile } from './upload'

const piece = 4 * 1024 * 1024
const done: UploadedFile = { id: '9', name: 'a.mp4', mime: 'video/mp4', size: 0, url: '/files/9' }

/** A platform that keeps what arrived; `next` says what becomes of the coming pieces. */
class Platform {
  offset = 0
  size = 0
  begun = 0
  given: string[] = [] // up
  next: ('lost' | 'hangs' | number)[] = []
  from: number[] = []

  state() {
    const file = this.offset === this.size ? done : undefined
    return { id: '7', offset: this.offset, size: this.size, piece, file }
  }

  answer(method: string, headers: Map<string, string>, body: unknown): [number, unknown] | string {
    if (method === 'POST' && body instanceof FormData) return [201, done]
    if (method === 'POST') {
      this.begun++
      this.offset = 0
      this.size = (JSON.parse(body as string) as { size: number }).size
      return [201, this.state()]
    }
    const way = this.next.shift()
    if (typeof way === 'number') return [way, { detail: '不接受这个文件。' }]
    if (way) return way
    this.from.push(Number(headers.get('Upload-Offset')))
    this.offset += (body as Blob).size
    return [200, this.state()]
  }

  fetch = (url: string, init?: RequestInit) => {
    if (init?.method === 'DELETE') this.given.push(url)
    const known = this.begun > 0 && !this.given.length
    return Promise.resolve(Response.json(this.state(), { status: known ? 200 : 404 }))
  }
}

let platform: Platform

class Request {
  upload: { onprogress?: (e: { loaded: number; total: number }) => void } = {}
  status = 0
  response: unknown = null
  responseType = ''
  onload?: () => void
  onloadend?: () => void
  onerror?: () => void
  onabort?: () => void
  private method = ''
  private headers = new Map<string, string>()

  open(method: string) {
    this.method = method
  }
  setRequestHeader(name: string, value: string) {
    this.headers.set(name, value)
  }
  abort() {
    this.onabort?.()
    this.onloadend?.()
  }
  send(body: unknown) {
    void Promise.resolve().then(() => {
      const size = body instanceof Blob ? body.size : 100
      this.upload.onprogress?.({ loaded: size / 2, total: size })
      const answer = platform.answer(this.method, this.headers, body)
      if (answer === 'hangs') return
      if (typeof answer === 'string') this.onerror?.()
      else {
        ;[this.status, this.response] = answer
        this.onload?.()
      }
      this.onloadend?.()
    })
  }
}

beforeEach(() => {
  localStorage.clear()
  platform = new Platform()
  vi.useFakeTimers()
  vi.stubGlobal('XMLHttpRequest', Request)
  vi.stubGlobal('fetch', (url: string, init?: RequestInit) => platform.fetch(url, init))
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

const fileOf = (bytes: number) =>
  new File([new Uint8Array(bytes)], 'a.mp4', { type: 'video/mp4', lastModified: 1 })
const large = fileOf(2.5 * piece)

it('sends a small file in one request', async () => {
  const seen: number[] = []
  await expect(sendFile(fileOf(10), 'cover', (p) => seen.push(p))).resolves.toEqual(done)
  expect(seen).toEqual([50])
  expect(platform.begun).toBe(0)
})

it('sends a large file in pieces and tells how far it is', async () => {
  const seen: number[] = []
  await expect(sendFile(large, 'media', (p) => seen.push(p))).resolves.toEqual(done)
  expect(platform.from).toEqual([0, piece, 2 * piece])
  expect(seen).toEqual([...seen].sort((a, b) => a - b))
  expect(seen[0]).toBe(0)
  expect(seen.at(-1)).toBe(100)
  expect(localStorage.length).toBe(0)
})

it('goes on where the platform is after a lost connection', async () => {
  const waits: boolean[] = []
  platform.next = ['lost', 503]
  const sent = sendFile(large, 'media', () => {}, { waiting: (broken) => waits.push(broken) })
  await vi.runAllTimersAsync()
  await expect(sent).resolves.toEqual(done)
  expect(platform.begun).toBe(1)
  expect(platform.from).toEqual([0, piece, 2 * piece])
  expect(waits).toEqual([true, true, false, false, false])
})

it('waits no longer when the line is back', async () => {
  platform.next = ['lost']
  const sent = sendFile(large, 'media', () => {})
  await vi.advanceTimersByTimeAsync(10)
  expect(platform.from).toEqual([])
  dispatchEvent(new Event('online'))
  await expect(sent).resolves.toEqual(done)
})

it('gives up in time, and goes on when the same file is chosen again', async () => {
  platform.next = Array<'lost'>(8).fill('lost')
  const sent = sendFile(large, 'media', () => {}, { place: '/page/media' })
  const failed = expect(sent).rejects.toThrow('网络连接不上')
  await vi.runAllTimersAsync()
  await failed
  platform.offset = piece // arrived, though nobody was told
  expect(await unfinished('/page/media')).toMatchObject([{ name: 'a.mp4', percent: 40 }])
  expect(await unfinished('/coverFile')).toEqual([])
  await expect(sendFile(large, 'media', () => {})).resolves.toEqual(done)
  expect(platform.begun).toBe(1)
  expect(platform.from).toEqual([piece, 2 * piece])
})

it('stops when it is told to, also while it waits, and takes back what arrived', async () => {
  for (const way of ['hangs', 'lost'] as const) {
    platform = new Platform()
    platform.next = [way]
    const stop = new AbortController()
    const sent = sendFile(large, 'media', () => {}, { signal: stop.signal })
    const ended = expect(sent).rejects.toBeInstanceOf(Canceled)
    await vi.advanceTimersByTimeAsync(10)
    stop.abort()
    await ended
    expect(platform.given).toEqual(['/api/v1/uploads/7'])
    expect(localStorage.length).toBe(0)
  }
})

it('does not repeat what the platform refuses, and says why', async () => {
  platform.next = [422]
  await expect(sendFile(large, 'media', () => {})).rejects.toThrow('不接受这个文件。')
  expect(platform.from).toEqual([])
  expect(localStorage.length).toBe(0)
})
