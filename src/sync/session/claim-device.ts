import { seriesKey, type Labels, type StoredSeries } from '../../model/series.ts'
import { mayLookAtOnce, type Store, type StoreStatus } from '../../model/store.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS, floorToMinute, formatMinute } from '../../model/time-window.ts'
import { askTogether } from '../../runtime/ask-together.ts'
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

export interface ClaimsOptions {
  /** A claim that was not renewed for three of them is over. */
  readonly intervalMs: number
  readonly store: Pick<Store, 'status' | 'listSeries' | 'readSamples' | 'write' | 'flush' | 'flushWaits'>
  /** What the configuration says of a store that does not tell; left out: it does not deduplicate. */
  readonly allowDuplicates?: boolean
  readonly clock: Clock
  readonly writer: () => Promise<Writer>
}

/** Since when a writer copies a device, in Unix minutes, as stores keep small numbers exactly; 0: no longer. */
const SINCE = 'iotawatt_sync_claim_since_minutes'
const PROCESS = 'iotawatt_sync_claim_process_id'
const INTERVALS = 3
/** How far the clocks of two writers may lie apart for their claims to be seen. */
const CLOCK_SLACK_MS = HOUR_MS
/** Within that time a claim is seen by all. */
const SEEN_MS = 5_000

/** Whether a series was written here, and holds no measurement. */
export function isClaim(labels: Labels): boolean {
  return labels['__name__'] === SINCE || labels['__name__'] === PROCESS
}

/** Of one device, by one writer. */
interface Claimed {
  readonly device: string
  readonly id: string
  readonly sinceMs: number
}

interface Claim extends Writer, Claimed {
  readonly seenMs: number
  readonly endsMs: number
}

interface Held {
  readonly sinceMs: number
  /** When it was last renewed. */
  readonly atMs: number
}

/** So many devices are claimed by one question; their names have a place in it. */
const MAX_TOGETHER = 100
const MAX_NAMES_LENGTH = 2_000

/** The claims of a process, by the name of the device: those that are due soon are renewed together. */
export function claimDevices({
  intervalMs,
  store,
  clock,
  writer,
  allowDuplicates = false,
}: ClaimsOptions): (deviceName: string) => DeviceClaim {
  const beforeMs = Math.max(DAY_MS, INTERVALS * intervalMs)
  const held = new Map<string, Held>()
  /** When each was last asked for: what nobody works with is not claimed any longer. */
  const askedMs = new Map<string, number>()
  const renewTogether = askTogether(renewAll)
  let running: Promise<unknown> = Promise.resolve()

  /** All writers of a store share its clock, where it tells the time. */
  async function now(signal: AbortSignal): Promise<number> {
    return timeOf(await store.status(signal))
  }

  function timeOf({ clockMs }: StoreStatus): number {
    return clockMs ?? clock.nowMs()
  }

  function ageMs(device: string): number {
    const found = held.get(device)
    const passedMs = found ? clock.nowMs() - found.atMs : Infinity
    return passedMs >= 0 ? passedMs : Infinity
  }

  /** Since when a device is known to be claimed by this process. */
  function knownSinceMs(device: string): number {
    return ageMs(device) < INTERVALS * intervalMs ? (held.get(device)?.sinceMs ?? Infinity) : Infinity
  }

  /** What the store has of some devices; of those that only this process claims, and knows so, no more is asked. */
  async function findClaims(
    own: Writer,
    { devices, nowMs }: { devices: readonly string[]; nowMs: number },
    signal: AbortSignal,
  ) {
    const window = { fromMs: nowMs - beforeMs, untilMs: nowMs + CLOCK_SLACK_MS }
    const [only, ...more] = devices
    const device = more.length === 0 ? only : devices
    const found = await store.listSeries(
      { metrics: [SINCE, PROCESS], ...(device !== undefined && { device }), window },
      signal,
    )
    const alive = found.filter(({ labels, positionMs }) => positionMs + lifeOf(labels) > nowMs)
    const isOpen = ({ labels }: StoredSeries) =>
      labels['writer'] !== own.id || knownSinceMs(labels['device'] ?? '') === Infinity
    const open = alive.filter(isOpen)
    const claims = open.length === 0 ? [] : await readClaims(store, { alive: open, untilMs: window.untilMs }, signal)
    return (deviceName: string) => {
      const ofDevice = claims.filter((claim) => claim.device === deviceName)
      return {
        mine: ofDevice.filter(({ id }) => id === own.id).map(({ sinceMs }) => sinceMs),
        others: ofDevice.filter(({ id }) => id !== own.id),
      }
    }
  }

  /** Those that wait, and others that will be due soon. */
  function dueWith(waiting: readonly string[]): string[] {
    const due = new Set(waiting)
    let length = waiting.reduce((sum, name) => sum + name.length, 0)
    const others = [...held.keys()].filter(
      (name) =>
        !due.has(name) && ageMs(name) >= intervalMs / 4 && clock.nowMs() - (askedMs.get(name) ?? 0) < 2 * intervalMs,
    )
    for (const name of others.sort((a, b) => ageMs(b) - ageMs(a))) {
      length += name.length
      if (due.size >= MAX_TOGETHER || length > MAX_NAMES_LENGTH) break
      due.add(name)
    }
    return [...due]
  }

  function renewAll(waiting: readonly string[]): Promise<ReadonlyMap<string, SyncError>> {
    const renewed = renew(waiting)
    running = renewed.catch(() => {})
    return renewed
  }

  /**
   * A claim that is new is written, then looked for: of two that begin at once, both see both, and the one with the
   * earlier claim (or the smaller id) goes on. Where that look would have to wait, and what both write until then is
   * kept once, it is left to the next renewal, which comes soon. Answers for which devices that is not this process, and why.
   */
  async function renew(waiting: readonly string[]): Promise<ReadonlyMap<string, SyncError>> {
    const { signal } = new AbortController()
    const refused = new Map<string, SyncError>()
    const own = await writer()
    const devices = dueWith(waiting)
    const atMs = clock.nowMs()
    const status = await store.status(signal)
    const looksLater = mayLookAtOnce(store, status, { allowDuplicates })
    const claimsOf = await findClaims(own, { devices, nowMs: timeOf(status) }, signal)
    const claims = devices.flatMap((device) => {
      const { mine, others } = claimsOf(device)
      const knownMs = Math.min(...mine, knownSinceMs(device))
      const isNew = knownMs === Infinity
      const claim = { device, id: own.id, sinceMs: isNew ? timeOf(status) : knownMs, isNew }
      const earlier = others.find((other) => isNew || isEarlier(other, claim))
      if (earlier) refused.set(device, refusal(own, earlier))
      return earlier ? [] : [claim]
    })
    await write(own, claims, signal)
    const added = claims.filter(({ isNew }) => isNew)
    if (added.length > 0 && !looksLater)
      for (const [device, error] of await confirm(own, added, signal)) refused.set(device, error)
    for (const { device, sinceMs, isNew } of claims) {
      const isDueSoon = isNew && looksLater
      if (!refused.has(device)) held.set(device, { sinceMs, atMs: isDueSoon ? atMs - intervalMs / 2 + SEEN_MS : atMs })
    }
    return refused
  }

  /** Gives way to those that were claimed at the same time. */
  async function confirm(own: Writer, added: readonly Claimed[], signal: AbortSignal): Promise<Map<string, SyncError>> {
    await store.flush(signal)
    const claimsOf = await findClaims(
      own,
      { devices: added.map(({ device }) => device), nowMs: await now(signal) },
      signal,
    )
    const given = added.flatMap((claim) => {
      const earlier = claimsOf(claim.device).others.find((other) => isEarlier(other, claim))
      return earlier ? [{ ...claim, earlier }] : []
    })
    await write(
      own,
      given.map((claim) => ({ ...claim, sinceMs: 0 })),
      signal,
    )
    return new Map(given.map(({ device, earlier }) => [device, refusal(own, earlier)]))
  }

  async function write(own: Writer, claims: readonly Omit<Claimed, 'id'>[], signal: AbortSignal): Promise<void> {
    if (claims.length === 0) return
    const { id, host, stateDir, process } = own
    const timestampsMs = [await now(signal)]
    const batch = claims.flatMap(({ device, sinceMs }) => {
      const labels = { device, writer: id, host, folder: stateDir, interval: String(intervalMs / 1000) }
      return [
        { labels: { __name__: SINCE, ...labels }, timestampsMs, values: [Math.floor(sinceMs / MINUTE_MS)] },
        { labels: { __name__: PROCESS, ...labels }, timestampsMs, values: [process] },
      ]
    })
    await store.write(batch, signal)
  }

  function refusal(own: Writer, other: Claim): SyncError {
    return new SyncError(
      'second-writer',
      `${other.device}: another iotawatt-sync copies this device into the same store, since ${formatMinute(other.sinceMs)}: ${describe(other)}; this one (${describe(own)}) writes nothing of it`,
      {
        hint: `stop one of the two; where the other is gone, its claim ends ${formatSpan(other.endsMs - other.seenMs)} after it was last seen (${formatMinute(other.seenMs)})`,
      },
    )
  }

  const releaseTogether = askTogether(async (devices: readonly string[]) => {
    const { signal } = new AbortController()
    await running
    const claims = devices.filter((device) => held.delete(device)).map((device) => ({ device, sinceMs: 0 }))
    if (claims.length > 0) await write(await writer(), claims, signal)
  })

  return (deviceName) => ({
    async hold(signal) {
      askedMs.set(deviceName, clock.nowMs())
      if (ageMs(deviceName) < intervalMs / 2) return
      const refused = (await renewTogether(deviceName, signal)).get(deviceName)
      if (refused) throw refused
    },
    async findRival(signal) {
      const own = await writer()
      const claimsOf = await findClaims(own, { devices: [deviceName], nowMs: await now(signal) }, signal)
      const { mine, others } = claimsOf(deviceName)
      const sinceMs = Math.min(...mine, knownSinceMs(deviceName))
      const earlier = others.find((other) => sinceMs === Infinity || isEarlier(other, { id: own.id, sinceMs }))
      return earlier && refusal(own, earlier)
    },
    async release(signal) {
      if (held.has(deviceName)) await releaseTogether(deviceName, signal)
    },
  })
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
  store: ClaimsOptions['store'],
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
      device: labels['device'] ?? '',
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
