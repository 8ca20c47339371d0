import { type ReadonlySignal, signal } from '@preact/signals'
import { failureWords, sentences } from '../text/failure-words.ts'
import { texts } from '../text/texts.ts'
import { isProblem, type Is } from './answers.ts'

/** What the page asks of the daemon that served it. */
export interface Server {
  /** Since when answers are kept ones, as the server cannot be reached; undefined while it can. */
  readonly keptAtMs: ReadonlySignal<number | undefined>
  /** @throws ServerProblem */
  ask<T>(path: string, is: Is<T>, signal?: AbortSignal): Promise<T>
  /** Asks already for what will soon be asked, before there is anything to draw it with. */
  expect(paths: readonly string[]): void
  /** Resolves when all that is expected has come, or is not to be had. */
  allExpected(): Promise<void>
  /** What the last answer to this was, if it is still at hand, or the one that was expected. */
  kept<T>(path: string, is: Is<T>): T | undefined
  /** Resolves when the session is over. @throws ServerProblem */
  logOut(): Promise<void>
  /** @throws ServerProblem */
  post<T>(path: string, body: unknown, is: Is<T>): Promise<T>
}

export class ServerProblem extends Error {
  override readonly name = 'ServerProblem'
  /** What lies behind it, for whoever fixes it. */
  readonly detail: string | undefined

  constructor(message: string, detail?: string) {
    super(message)
    this.detail = detail
  }
}

/** The status of what the store did not answer. */
const STORE_FAILED = 502
const MAX_KEPT = 40
const STATUS = '/api/v1/status'
/** The script of another site may not send this header: so the server knows that it is ours. */
const OURS = { 'X-Requested-With': 'iotawatt-sync' }
/** The service worker sets it: when an answer came that it gives once more. */
const KEPT_AT = 'X-Kept-At'
/** What nobody has asked for by then is old. */
const EXPECTED_MS = 10_000

interface Reply {
  readonly response: Response
  /** Undefined where it is no JSON. */
  readonly value: unknown
}

export function openServer(fetcher: typeof fetch): Server {
  const kept = new Map<string, { readonly etag: string | null; readonly value: unknown }>()
  const expected = new Map<string, Promise<Reply>>()
  /** What was expected and has come, until somebody asks for it. */
  const arrived = new Map<string, unknown>()
  const keptAtMs = signal<number | undefined>(undefined)
  const send = async (path: string, init: RequestInit): Promise<Reply> => {
    const response = await request(fetcher, path, init)
    const kept = response.headers.get(KEPT_AT)
    // The oldest, as each may be on the screen: but the status, which has no figures and is mostly told, not asked.
    const ms = path === STATUS ? Date.now() : Number(kept)
    keptAtMs.value = kept === null ? undefined : Math.min(ms, keptAtMs.peek() ?? Infinity)
    return { response, value: await response.json().catch(() => undefined) }
  }

  return {
    keptAtMs,
    async ask(path, is, signal) {
      const before = kept.get(path)
      const early = expected.get(path)
      expected.delete(path)
      const headers = before?.etag ? { 'If-None-Match': before.etag } : {}
      const reply = await (early ?? send(path, { headers, ...(signal && { signal }) }))
      if (reply.response.status === 304 && before && is(before.value)) return before.value
      const value = readAnswer(reply, is)
      arrived.delete(path)
      kept.delete(path)
      kept.set(path, { etag: reply.response.headers.get('etag'), value })
      const [oldest] = kept.keys()
      if (kept.size > MAX_KEPT && oldest !== undefined) kept.delete(oldest)
      return value
    },
    expect(paths) {
      for (const path of paths) {
        if (expected.has(path)) continue
        const reply = send(path, {})
        reply.then(
          ({ value }) => arrived.set(path, value),
          () => undefined,
        )
        expected.set(path, reply)
        setTimeout(() => {
          expected.delete(path)
          arrived.delete(path)
        }, EXPECTED_MS)
      }
    },
    async allExpected() {
      await Promise.allSettled(expected.values())
    },
    kept(path, is) {
      const value = arrived.get(path) ?? kept.get(path)?.value
      return is(value) ? value : undefined
    },
    async logOut() {
      const { response } = await send('/logout', { method: 'POST', headers: OURS })
      // Who is refused was logged out already.
      if (!response.ok && response.status !== 401) throw new ServerProblem(texts.server.status(response.status))
    },
    async post(path, body, is) {
      const reply = await send(path, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', ...OURS },
        body: JSON.stringify(body),
      })
      return readAnswer(reply, is)
    },
  }
}

async function request(fetcher: typeof fetch, path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetcher(path, init)
  } catch (error) {
    if (init.signal?.aborted) throw error
    throw new ServerProblem(texts.server.silent)
  }
}

function readAnswer<T>({ response, value }: Reply, is: Is<T>): T {
  if (response.ok && is(value)) return value
  if (response.ok) throw new ServerProblem(texts.server.unknownForm)
  if (response.status === 401) throw new ServerProblem(texts.server.sessionOver)
  if (!isProblem(value)) throw new ServerProblem(texts.server.status(response.status))
  if (response.status !== STORE_FAILED) throw new ServerProblem(texts.server.reports(value.error))
  const detail = `${value.error}\n${value.hint ?? ''}`.trim()
  const { past, why, todo } = failureWords('', detail)
  throw new ServerProblem(sentences(texts.server.storeFailed(past), why, todo), detail)
}
