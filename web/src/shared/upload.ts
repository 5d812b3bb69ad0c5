import type { Problem, Schemas } from '@/api/client'

export type UploadedFile = Pick<Schemas['FileView'], 'id' | 'name' | 'mime' | 'size' | 'url'>
type Transfer = Schemas['TransferView']

/** Says what is wrong with a file before it travels; '' when nothing is. */
export function checkFile(file: File, extensions: readonly string[], maxBytes: number): string {
  const ext = file.name.split('.').pop()?.toLowerCase() ?? ''
  if (!extensions.includes(ext)) return `文件格式不符，支持：${extensions.join('、')}。`
  if (file.size > maxBytes)
    return `文件超过 ${Math.round(maxBytes / 1024 / 1024)}M，请压缩后再上传。`
  if (file.size === 0) return '文件是空的，请重新选择。'
  return ''
}

export interface SendOptions {
  /** Ends the upload; what arrived is given up. */
  signal?: AbortSignal
  /** The field that the file is for: after a reload it tells what was not finished. */
  place?: string
  /** Whether the line is broken and waited for. */
  waiting?: (broken: boolean) => void
}

/** Files above this travel in pieces and may go on after a break. */
const inPieces = 4 * 1024 * 1024
const attempts = 8

/** What ended an upload that its owner gave up. */
export class Canceled extends Error {
  constructor() {
    super('已取消上传。')
  }
}

/** A refusal that no repeat would change. */
class Final extends Error {}

/** Sends a file; a large one in pieces, so that a broken line costs one piece. */
export function sendFile(
  file: File,
  purpose: string,
  progress: (percent: number) => void,
  options: SendOptions = {},
): Promise<UploadedFile> {
  return file.size > inPieces
    ? sendPieces(file, purpose, progress, options)
    : sendWhole(file, purpose, progress, options.signal)
}

function sendWhole(
  file: File,
  purpose: string,
  progress: (percent: number) => void,
  signal?: AbortSignal,
): Promise<UploadedFile> {
  const form = new FormData()
  form.append('file', file)
  return send<UploadedFile>('POST', `/files?purpose=${purpose}`, form, {
    signal,
    sent: (n, all) => progress(Math.round((n / all) * 100)),
  })
}

async function sendPieces(
  file: File,
  purpose: string,
  progress: (percent: number) => void,
  options: SendOptions,
): Promise<UploadedFile> {
  const note = noteOf(file, purpose)
  try {
    const sent = await piecesOf(note, file, purpose, progress, options)
    forget(note)
    return sent
  } catch (e) {
    if (e instanceof Canceled) await giveUp({ key: note })
    else if (e instanceof Final) forget(note)
    throw e // after any other failure the same file may be chosen again, and goes on
  }
}

async function piecesOf(
  note: string,
  file: File,
  purpose: string,
  progress: (percent: number) => void,
  { signal, place, waiting }: SendOptions,
): Promise<UploadedFile> {
  const show = (bytes: number) => progress(Math.floor((bytes / file.size) * 100))
  let at: Transfer | undefined
  let failures = 0
  for (;;) {
    try {
      at ??= await resume(note, signal)
      at ??= await send<Transfer>(
        'POST',
        '/uploads',
        JSON.stringify({ purpose, name: file.name, size: file.size }),
        { signal, type: 'application/json' },
      )
      write(note, { id: at.id, name: file.name, size: file.size, place })
      show(at.offset)
      if (at.file) return at.file
      const from = at.offset
      at = await send<Transfer>('PATCH', `/uploads/${at.id}`, file.slice(from, from + at.piece), {
        signal,
        type: 'application/offset+octet-stream',
        headers: { 'Upload-Offset': String(from) },
        sent: (n) => show(from + n),
      })
      failures = 0
      waiting?.(false)
    } catch (e) {
      if (e instanceof Canceled || e instanceof Final || ++failures >= attempts) throw e
      waiting?.(true)
      await pause(Math.min(1000 * 2 ** (failures - 1), 30_000), signal)
      at = undefined // the server knows how much arrived
    }
  }
}

/** Waits, shorter when the line comes back. */
function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise<void>((resolve, reject) => {
    const end = () => {
      clearTimeout(timer)
      removeEventListener('online', go)
      signal?.removeEventListener('abort', stop)
    }
    const go = () => (end(), resolve())
    const stop = () => (end(), reject(new Canceled()))
    const timer = setTimeout(go, ms)
    addEventListener('online', go)
    signal?.addEventListener('abort', stop)
  })
}

interface Sending {
  signal?: AbortSignal
  type?: string
  headers?: Record<string, string>
  sent?: (bytes: number, all: number) => void
}

/** One request. XMLHttpRequest, because fetch tells nothing of an upload's progress. */
function send<T>(
  method: string,
  path: string,
  body: XMLHttpRequestBodyInit,
  { signal, type, headers = {}, sent }: Sending,
): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(new Canceled())
    const xhr = new XMLHttpRequest()
    xhr.open(method, `/api/v1${path}`)
    xhr.responseType = 'json'
    if (type) xhr.setRequestHeader('Content-Type', type)
    for (const [name, value] of Object.entries(headers)) xhr.setRequestHeader(name, value)
    xhr.upload.onprogress = (e) => sent?.(e.loaded, e.total)
    const stop = () => xhr.abort()
    signal?.addEventListener('abort', stop)
    xhr.onloadend = () => signal?.removeEventListener('abort', stop)
    xhr.onload = () => {
      if (xhr.status > 0 && xhr.status < 300) return resolve(xhr.response as T)
      const p = xhr.response as Problem | null
      const words = p?.errors?.[0]?.detail ?? p?.detail ?? '上传失败，请重试。'
      // Busy, overloaded, signed out or at another offset: it may go on later.
      const later = xhr.status >= 500 || [401, 408, 409, 429].includes(xhr.status)
      reject(later ? new Error(words) : new Final(words))
    }
    xhr.onerror = () => reject(new Error('网络连接不上，上传未完成，请重试。'))
    xhr.onabort = () => reject(new Canceled())
    xhr.send(body)
  })
}

// ---- what was not finished, in this browser; sign-out removes keys that begin with "draft:" ----

interface Note {
  id: string
  name: string
  size: number
  place?: string
}

const prefix = 'draft:upload:'
const noteOf = (f: File, purpose: string) =>
  `${prefix}${purpose}:${f.size}:${f.lastModified}:${f.name}`

function read(key: string): Note | undefined {
  try {
    return (JSON.parse(localStorage.getItem(key) ?? 'null') as Note | null) ?? undefined
  } catch {
    return undefined
  }
}
function write(key: string, note: Note) {
  try {
    localStorage.setItem(key, JSON.stringify(note))
  } catch {
    // Without it a break costs the whole upload, nothing else.
  }
}
function forget(key: string) {
  try {
    localStorage.removeItem(key)
  } catch {
    // Nothing was kept either.
  }
}

/** How far the upload of a note is; undefined when it is gone or there is none. */
async function resume(key: string, signal?: AbortSignal): Promise<Transfer | undefined> {
  const note = read(key)
  if (!note) return undefined
  const r = await fetch(`/api/v1/uploads/${note.id}`, { signal: signal ?? null }).catch(() => {
    throw signal?.aborted ? new Canceled() : new Error('网络连接不上，上传未完成，请重试。')
  })
  if (r.ok) return (await r.json()) as Transfer
  if (r.status !== 404) throw new Error('上传失败，请重试。')
  forget(key)
  return undefined
}

function keysOfNotes(): string[] {
  try {
    return Object.keys(localStorage).filter((k) => k.startsWith(prefix))
  } catch {
    return []
  }
}

export interface Unfinished {
  key: string
  name: string
  percent: number
}

/** The uploads of a field that were broken off, by a reload or a closed page. */
export async function unfinished(place: string): Promise<Unfinished[]> {
  const out: Unfinished[] = []
  for (const key of keysOfNotes()) {
    const note = read(key)
    if (note?.place !== place) continue
    const at = await resume(key).catch(() => undefined)
    if (at && !at.file)
      out.push({ key, name: note.name, percent: Math.floor((at.offset / at.size) * 100) })
  }
  return out
}

/** Gives an unfinished upload up. */
export async function giveUp(u: Pick<Unfinished, 'key'>): Promise<void> {
  const note = read(u.key)
  forget(u.key)
  if (note) await fetch(`/api/v1/uploads/${note.id}`, { method: 'DELETE' }).catch(() => {})
}
