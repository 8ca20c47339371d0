import * as z from 'zod'
import type { Durability } from '../../model/store.ts'
import { parseJson } from '../../runtime/parse-json.ts'
import { untilAborted } from '../../runtime/until-aborted.ts'
import type { StoreDeps } from '../http/ask-again.ts'
import { type CompleteAnswer, dateMs } from '../http/answer.ts'
import type { Ask } from './connection.ts'
import type { AskedSnapshot, SnapshotJournal } from './snapshot-journal.ts'

export interface SnapshotOptions extends StoreDeps {
  readonly send: (ask: Ask, signal: AbortSignal) => Promise<CompleteAnswer>
  readonly journal?: SnapshotJournal
}

const CREATE_TIMEOUT_MS = 90_000
const QUICK_MS = 10_000
const FIRST_PAUSE_MS = 5_000
const MAX_PAUSE_MS = 3_600_000

/** Before, one that nobody waits for may still be in the making; to delete it then would harm the store. */
const MADE_AFTER_MS = CREATE_TIMEOUT_MS + 10_000

const listSchema = z.object({ status: z.literal('ok'), snapshots: z.array(z.string()) })
const madeSchema = z.object({ status: z.literal('ok'), snapshot: z.string().min(1) })

/** Snapshots, which make durable what was written: one for all that wait for one, and each deleted again. */
export function keepSnapshots({ send, journal, clock, log, random }: SnapshotOptions) {
  /** Ours, that are still there. */
  const left = new Set<string>()
  /** Whether one of ours may be there under a name that nobody has told us. */
  let isNameless = false
  const closing = new AbortController()
  let running: Promise<Durability> | undefined
  let next: Promise<Durability> | undefined
  let cleaning: Promise<void> | undefined
  let resuming: Promise<void> | undefined

  function get(
    path: string,
    { timeoutMs = QUICK_MS, signal = closing.signal }: { timeoutMs?: number; signal?: AbortSignal | undefined } = {},
  ): Promise<CompleteAnswer> {
    return send({ to: 'read', method: 'GET', path, timeoutMs }, signal)
  }

  function begin(): Promise<Durability> {
    running = create().finally(() => {
      running = undefined
    })
    return running
  }

  /** What was written since may be missing in one that has begun; whoever comes then shares the next one. */
  function share(): Promise<Durability> {
    if (!running) return begin()
    next ??= running
      .catch(() => {})
      .then(() => {
        next = undefined
        return begin()
      })
    return next
  }

  async function create(): Promise<Durability> {
    const asked = await noteAsked()
    const { status, text } = await get('/snapshot/create', { timeoutMs: CREATE_TIMEOUT_MS }).catch((error: unknown) => {
      if (asked) searchLater()
      throw error
    })
    const made = madeSchema.safeParse(parseJson(text))
    if (status !== 200 || !made.success) {
      // A proxy may answer this to a request that it has passed on.
      if (asked && status >= 500) searchLater()
      else if (asked) await journal?.answer(asked)
      return 'later'
    }
    const name = made.data.snapshot
    left.add(name)
    await journal?.add(name).catch((error: unknown) => log.debug(`${name} was not noted: ${String(error)}`))
    if (asked) await journal?.answer(asked)
    if (!(await remove(name))) cleanUp()
    return 'durable'
  }

  async function noteAsked(): Promise<AskedSnapshot | undefined> {
    return journal?.ask(clock.nowMs()).catch((error: unknown) => {
      log.debug(`A snapshot is asked for, and that was not noted: ${String(error)}`)
      return undefined
    })
  }

  function searchLater(): void {
    isNameless = true
    cleanUp()
  }

  /** The only snapshot that came into being when it was asked for is it; of several nobody knows which. */
  async function findNames(): Promise<void> {
    if (!isNameless) return
    const asks = (await journal?.asked().catch(() => [])) ?? []
    const due = asks.filter(({ askedMs }) => clock.nowMs() - askedMs >= MADE_AFTER_MS)
    isNameless = asks.length > 0
    const listed = due.length === 0 ? undefined : await listSnapshots().catch(() => undefined)
    if (!listed) return
    isNameless = asks.length > due.length
    for (const asked of due) {
      const names = namesOfAsked(asked, listed)
      const [name] = names
      if (name !== undefined && names.length === 1) {
        left.add(name)
        await journal?.add(name)
      }
      if (names.length > 1)
        log.warn(
          `One of the snapshots ${names.join(', ')} of the store was made for this program, which could not note its name, and it is not known which; it keeps disk space until somebody deletes it`,
        )
      await journal?.answer(asked)
    }
  }

  async function listSnapshots(): Promise<{ names: readonly string[]; aheadMs: number } | undefined> {
    const answer = await get('/snapshot/list')
    const listed = listSchema.safeParse(parseJson(answer.text))
    const clockMs = dateMs(answer)
    if (answer.status >= 500) return undefined
    // Who may not see them cannot delete them either.
    const names = listed.success && clockMs !== undefined ? listed.data.snapshots : []
    return { names, aheadMs: (clockMs ?? 0) - clock.nowMs() }
  }

  async function remove(name: string, signal?: AbortSignal): Promise<boolean> {
    try {
      const { status, text } = await get(`/snapshot/delete?snapshot=${encodeURIComponent(name)}`, { signal })
      const isGone = (status === 200 && text.includes('"ok"')) || /cannot find snapshot/i.test(text)
      if (!isGone) return false
    } catch {
      return false
    }
    left.delete(name)
    await journal?.remove(name).catch((error: unknown) => log.debug(`${name} is still noted: ${String(error)}`))
    return true
  }

  async function removeAll(signal?: AbortSignal): Promise<void> {
    await findNames()
    for (const name of left) if (!(await remove(name, signal))) return
  }

  /** In growing pauses, beside everything else. */
  function cleanUp(): void {
    cleaning ??= cleanUpInPauses().finally(() => {
      cleaning = undefined
    })
  }

  async function cleanUpInPauses(): Promise<void> {
    for (let pauseMs = FIRST_PAUSE_MS; left.size > 0 || isNameless; pauseMs = Math.min(MAX_PAUSE_MS, 2 * pauseMs)) {
      await clock.sleep(pauseMs * (0.75 + random() / 2), closing.signal).catch(() => {})
      if (closing.signal.aborted) return
      await removeAll()
    }
  }

  async function readJournal(): Promise<void> {
    for (const name of (await journal?.names().catch(() => [])) ?? []) left.add(name)
    isNameless = true
    await removeAll()
    if (left.size > 0 || isNameless) cleanUp()
  }

  return {
    /** One that begins after this call. Once it has begun, nothing cuts it short, or nobody would know its name. */
    take: (signal: AbortSignal) => untilAborted(share(), signal),
    /** Deletes what an earlier process could not. */
    resume(): void {
      if (journal) resuming ??= readJournal()
    },
    /** Tries once more to delete what is left. */
    async close(): Promise<void> {
      await running?.catch(() => {})
      await resuming
      closing.abort(new Error('closed'))
      await cleaning
      if (left.size > 0) await removeAll(new AbortController().signal)
      if (left.size > 0)
        log.warn(
          `The store did not delete ${[...left].map((name) => `its snapshot ${name}`).join(', ')}; ${journal ? 'the next command tries again' : 'it keeps disk space until somebody does'}`,
        )
    },
  }
}

/** From when it was asked for until then it may have begun: both clocks tell seconds without a fraction. */
const EARLIER_MS = 1_000
const LATER_MS = 2_000

/** `20261130105102-18BCF2A1`, as VictoriaMetrics names them by its clock. */
const NAME = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)-[0-9A-F]+$/

/** Those of the names that may be what was asked for; `aheadMs`: how far the clock of the store is ahead of ours. */
export function namesOfAsked(
  { askedMs }: AskedSnapshot,
  { names, aheadMs }: { names: readonly string[]; aheadMs: number },
): readonly string[] {
  const aboutMs = askedMs + aheadMs
  return names.filter((name) => {
    const madeMs = timeOf(name)
    return madeMs !== undefined && madeMs > aboutMs - EARLIER_MS && madeMs < aboutMs + LATER_MS
  })
}

function timeOf(name: string): number | undefined {
  const [, year, month, day, hour, minute, second] = NAME.exec(name) ?? []
  if (second === undefined) return undefined
  return Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second))
}
