import { seriesKey, type Labels, type StoredSeries } from '../../model/series.ts'
import type { Store } from '../../model/store.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS, floorToMinute, formatMinute } from '../../model/time-window.ts'
import type { Clock } from '../../runtime/clock.ts'
import { SyncError } from './sync-error.ts'
import { formatSpan } from '../../runtime/plural.ts'

/** A process that writes, as it names itself to others. */
export interface Writer {
  /** Of its state folder, as only one process at a time works in it. */
  readonly id: string
  readonly host: string
  readonly process: number
  readonly stateDir: string
}

/** That this process is the one that copies a device into a store, for others who have other state folders to see. */
export interface DeviceClaim {
  /** @throws SyncError `second-writer` while another one, that was earlier, copies it. */
  hold(signal: AbortSignal): Promise<void>
  /** What `hold` would throw, without a claim of its own; undefined while nobody else copies the device. */
  findRival(signal: AbortSignal): Promise<SyncError | undefined>
  /** Others need not wait until it has run out. */
  release(signal: AbortSignal): Promise<void>
}

export interface ClaimOptions {
  readonly deviceName: string
  /** A claim that was not renewed for three of them is over. */
  readonly intervalMs: number
  readonly store: Pick<Store, 'status' | 'listSeries' | 'readSamples' | 'write' | 'flush'>
  readonly clock: Clock
  readonly writer: () => Promise<Writer>
}

/** Since when a writer copies a device, in Unix minutes, as stores keep small numbers exactly; 0: no longer. */
const SINCE = 'iotawatt_sync_claim_since_minutes'
const PROCESS = 'iotawatt_sync_claim_process_id'
const INTERVALS = 3
/** How far the clocks of two writers may lie apart for their claims to be seen. */
const CLOCK_SLACK_MS = HOUR_MS

/** Whether a series was written here, and holds no measurement. */
export function isClaim(labels: Labels): boolean {
  return labels['__name__'] === SINCE || labels['__name__'] === PROCESS
}

interface Claim extends Writer {
  readonly sinceMs: number
  readonly seenMs: number
  readonly endsMs: number
}

/**
 * A claim that is new is written, then looked for: of two that begin at once, both see both, and the one with the
 * earlier claim (or the smaller id) goes on.
 */
export function claimDevice({ deviceName, intervalMs, store, clock, writer }: ClaimOptions): DeviceClaim {
  const beforeMs = Math.max(DAY_MS, INTERVALS * intervalMs)
  let held: { readonly sinceMs: number; readonly atMs: number } | undefined

  /** All writers of a store share its clock, where it tells the time. */
  async function now(signal: AbortSignal): Promise<number> {
    return (await store.status(signal)).clockMs ?? clock.nowMs()
  }

  async function findClaims(own: Writer, nowMs: number, signal: AbortSignal) {
    const window = { fromMs: nowMs - beforeMs, untilMs: nowMs + CLOCK_SLACK_MS }
    const found = await store.listSeries({ metrics: [SINCE, PROCESS], device: deviceName, window }, signal)
    const alive = found.filter(({ labels, positionMs }) => positionMs + lifeOf(labels) > nowMs)
    const claims = alive.length === 0 ? [] : await readClaims(store, { alive, untilMs: window.untilMs }, signal)
    return {
      mine: claims.filter(({ id }) => id === own.id).map(({ sinceMs }) => sinceMs),
      others: claims.filter(({ id }) => id !== own.id),
    }
  }

  /** Gives way to one that was claimed at the same time. */
  async function confirm(own: Writer, claim: Pick<Claim, 'id' | 'sinceMs'>, signal: AbortSignal): Promise<void> {
    await store.flush(signal)
    const { others } = await findClaims(own, await now(signal), signal)
    const earlier = others.find((other) => isEarlier(other, claim))
    if (!earlier) return
    await write(own, 0, signal)
    throw refusal(own, earlier)
  }

  async function write(own: Writer, sinceMs: number, signal: AbortSignal): Promise<void> {
    const { id, host, stateDir, process } = own
    const labels = { device: deviceName, writer: id, host, folder: stateDir, interval: String(intervalMs / 1000) }
    const timestampsMs = [await now(signal)]
    const batch = [
      { labels: { __name__: SINCE, ...labels }, timestampsMs, values: [Math.floor(sinceMs / MINUTE_MS)] },
      { labels: { __name__: PROCESS, ...labels }, timestampsMs, values: [process] },
    ]
    await store.write(batch, signal)
  }

  function refusal(own: Writer, other: Claim): SyncError {
    return new SyncError(
      'second-writer',
      `${deviceName}: another iotawatt-sync copies this device into the same store, since ${formatMinute(other.sinceMs)}: ${describe(other)}; this one (${describe(own)}) writes nothing of it`,
      {
        hint: `stop one of the two; where the other is gone, its claim ends ${formatSpan(other.endsMs - other.seenMs)} after it was last seen (${formatMinute(other.seenMs)})`,
      },
    )
  }

  return {
    async hold(signal) {
      const atMs = clock.nowMs()
      const sinceHeldMs = held ? atMs - held.atMs : Infinity
      if (sinceHeldMs >= 0 && sinceHeldMs < intervalMs / 2) return
      const own = await writer()
      const nowMs = await now(signal)
      const { mine, others } = await findClaims(own, nowMs, signal)
      const knownMs = Math.min(...mine, sinceHeldMs < INTERVALS * intervalMs ? (held?.sinceMs ?? Infinity) : Infinity)
      const isNew = knownMs === Infinity
      const claim = { id: own.id, sinceMs: isNew ? nowMs : knownMs }
      const earlier = others.find((other) => isNew || isEarlier(other, claim))
      if (earlier) throw refusal(own, earlier)
      await write(own, claim.sinceMs, signal)
      if (isNew) await confirm(own, claim, signal)
      held = { sinceMs: claim.sinceMs, atMs }
    },
    async findRival(signal) {
      const own = await writer()
      const { mine, others } = await findClaims(own, await now(signal), signal)
      const sinceMs = Math.min(...mine)
      const earlier = others.find((other) => mine.length === 0 || isEarlier(other, { id: own.id, sinceMs }))
      return earlier && refusal(own, earlier)
    },
    async release(signal) {
      if (!held) return
      held = undefined
      await write(await writer(), 0, signal)
    },
  }
}

function isEarlier(a: Pick<Claim, 'id' | 'sinceMs'>, b: Pick<Claim, 'id' | 'sinceMs'>): boolean {
  const [aMs, bMs] = [floorToMinute(a.sinceMs), floorToMinute(b.sinceMs)]
  return aMs < bMs || (aMs === bMs && a.id < b.id)
}

function describe({ host, process, stateDir }: Writer): string {
  return `host ${host}, process ${process}, state folder ${stateDir}`
}

/** Earliest first, without those that were given up. */
async function readClaims(
  store: ClaimOptions['store'],
  { alive, untilMs }: { alive: readonly StoredSeries[]; untilMs: number },
  signal: AbortSignal,
): Promise<readonly Claim[]> {
  const fromMs = Math.min(...alive.map(({ positionMs }) => positionMs))
  const labelsOf = alive.map(({ labels }) => labels)
  const samples = await store.readSamples(labelsOf, { fromMs, untilMs }, signal)
  const newest = (metric: string, of: Labels) => {
    const key = seriesKey({ ...of, __name__: metric })
    return samples.find(({ labels }) => seriesKey(labels) === key)?.values.at(-1) ?? 0
  }
  return alive
    .filter(({ labels }) => labels['__name__'] === SINCE)
    .map(({ labels, positionMs }) => ({
      id: labels['writer'] ?? '',
      host: labels['host'] ?? '',
      stateDir: labels['folder'] ?? '',
      process: newest(PROCESS, labels),
      sinceMs: newest(SINCE, labels) * MINUTE_MS,
      seenMs: positionMs,
      endsMs: positionMs + lifeOf(labels),
    }))
    .filter(({ sinceMs }) => sinceMs > 0)
    .sort((a, b) => (isEarlier(a, b) ? -1 : 1))
}

function lifeOf(labels: Labels): number {
  const seconds = Number(labels['interval'])
  return Number.isFinite(seconds) ? INTERVALS * seconds * 1000 : 0
}
