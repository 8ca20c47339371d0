import { DeviceError, type DeviceStatus } from '../model/device.ts'
import type { Clock } from '../runtime/clock.ts'
import { ask } from './ask.ts'
import type { Connection } from './connection.ts'
import { type LogState, readStatus } from './read-status.ts'

const MAX_STATUS_BYTES = 64 * 1024
const POLL_MS = 3_000
const MAX_WAIT_MS = 60_000
const RECENT_MS = 10_000

export type LogWatch = ReturnType<typeof logWatch>

/** What the device says of its logs, now or shortly before. */
export function logWatch(connection: Connection, clock: Clock, timeoutMs: number) {
  let latest: { readonly state: LogState; readonly atMs: number } | undefined
  const steady = steadyStart()

  /** Asks once. */
  async function read(signal: AbortSignal): Promise<LogState> {
    latest = undefined
    const limits = { timeoutMs, maxBytes: MAX_STATUS_BYTES }
    const question = { path: '/status?stats=&datalogs=&device=&wifi=', text: '/status', ...limits }
    const { value } = await ask(connection, question, { read: (body) => readStatus(body, clock.nowMs()), signal })
    const state = steady(value)
    latest = { state, atMs: clock.nowMs() }
    return state
  }

  return {
    read,
    /** What was seen so far is not recent any more. */
    forget(): void {
      latest = undefined
    },
    /** The latest state, when it is recent, else a new one. */
    async recent(signal: AbortSignal): Promise<LogState> {
      if (latest !== undefined && Math.abs(clock.nowMs() - latest.atMs) <= RECENT_MS) return latest.state
      return read(signal)
    },
    /** Asks until the logs are open, for a minute at most. */
    async waitUntilOpen(signal: AbortSignal): Promise<DeviceStatus> {
      const startedMs = clock.nowMs()
      for (;;) {
        const { status, logsOpen } = await read(signal)
        if (logsOpen) return status
        if (clock.nowMs() - startedMs >= MAX_WAIT_MS) throw notOpen(connection)
        await clock.sleep(POLL_MS, signal)
      }
    },
  }
}

function notOpen({ name, address }: Connection): DeviceError {
  return new DeviceError(
    'restarted',
    `${name}: GET ${address}/status: its log is not open ${MAX_WAIT_MS / 1000} s later`,
    { hint: "see the device's message log: it may be building its history log, or its SD card fail" },
  )
}

/** What is reckoned moves with the second of reading, and with the time that an answer takes; a restart moves it by more. */
const RECKONED_TOLERANCE_MS = 10_000

/** A start that is reckoned stays the one that was told first, until the device has restarted. */
function steadyStart(): (state: LogState) => LogState {
  let told: { readonly startedAtMs: number; readonly reckonedMs: number } | undefined
  return (state) => {
    if (!state.isStartReckoned) return state
    const reckonedMs = state.status.startedAtMs
    const isSame = told !== undefined && Math.abs(reckonedMs - told.reckonedMs) <= RECKONED_TOLERANCE_MS
    const startedAtMs = told !== undefined && isSame ? told.startedAtMs : reckonedMs
    told = { startedAtMs, reckonedMs }
    return { ...state, status: { ...state.status, startedAtMs } }
  }
}

/** The device sets its start time once, when it boots, and a boot takes longer than this. */
const START_TOLERANCE_MS = 2_000

/** What speaks against using what the device said between the two: undefined when nothing does. */
export function interruption(before: LogState, after: LogState): string | undefined {
  if (!before.logsOpen || !after.logsOpen) return 'its log was not open'
  const [mac, macAfter] = [before.status.mac, after.status.mac]
  if (mac !== undefined && macAfter !== undefined && mac !== macAfter) return `another device (${macAfter}) answered`
  const movedMs = Math.abs(after.status.startedAtMs - before.status.startedAtMs)
  if (movedMs <= START_TOLERANCE_MS) return undefined
  return `it restarted at ${new Date(after.status.startedAtMs).toISOString()}`
}
