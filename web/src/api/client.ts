import createClient from 'openapi-fetch'
import { firstAnswer } from './first'
import type { components, paths } from './schema'

export type Schemas = components['schemas']
export type Problem = Schemas['Problem']
export type Role = NonNullable<Schemas['Me']['role']>

const base = '/api/v1'

/** Asks the server, unless the answer came with the page. */
async function ask(request: Request): Promise<Response> {
  const { pathname, search } = new URL(request.url)
  const known = firstAnswer(request.method, pathname.slice(base.length) + search)
  return known === undefined ? fetch(request) : Response.json(known)
}

export const api = createClient<paths>({ baseUrl: base, credentials: 'same-origin', fetch: ask })

/** Headers of a request that a page makes by itself: it does not keep a session alive. */
export const background = { 'X-Background': '1' }

let unsigned: (request: Request) => void = () => {}

/** Says what happens when the server no longer knows who is asking. */
export function onUnsigned(then: (request: Request) => void): void {
  unsigned = then
}

let forbidden: () => void = () => {}

/** Says what happens when the user turns out to have fewer rights than the pages thought. */
export function onForbidden(then: () => void): void {
  forbidden = then
}

let here: (() => void) | undefined

/** Lets a page that holds unsaved work ask for the password itself; the answer ends that. */
export function onUnsignedHere(then: () => void): () => void {
  here = then
  return () => {
    if (here === then) here = undefined
  }
}

api.use({
  async onResponse({ request, response }) {
    if (response.status === 403) forbidden()
    if (response.status !== 401) return
    const problem = (await response
      .clone()
      .json()
      .catch(() => undefined)) as Problem | undefined
    if (problem?.code !== 'unsigned') return
    if (here) here()
    else unsigned(request)
  },
})

/** A refusal of the server. Pages switch on `code`; `detail` is Chinese text for people. */
export class Refused extends Error {
  constructor(readonly problem: Problem) {
    super(problem.detail)
  }
  get code() {
    return this.problem.code
  }
}

const offline: Problem = {
  status: 0,
  code: 'offline',
  detail: '网络连接不上，请检查网络后重试。',
}

/** Hands back the data or throws the refusal, so that no caller can forget the error. */
export function must<T>(r: { data?: T; error?: unknown; response: Response }): T {
  if (r.response.ok) return r.data as T
  const p = r.error as Partial<Problem> | undefined
  throw new Refused(
    p?.code
      ? (p as Problem)
      : {
          ...offline,
          status: r.response.status,
          code: 'internal',
          detail: '系统开小差了，请稍后再试。',
        },
  )
}

/** Turns a failed connection into a refusal as well. */
export function refusalOf(e: unknown): Problem | undefined {
  if (e instanceof Refused) return e.problem
  if (e instanceof TypeError && /fetch|network|load failed/i.test(e.message)) return offline
  return undefined
}

/** One intent of the user; keep it until the answer is known, so that a repeat is the same request. */
export function idempotencyKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16)) // randomUUID is missing on plain http
  return Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('')
}
