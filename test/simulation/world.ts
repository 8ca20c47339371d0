import { type SimulatedTransport, simulatedTransport } from '../../src/iotawatt/fixtures/simulated-transport.ts'
import { DEFAULT_LABEL_RULES } from '../../src/labels/default-rules.ts'
import { labelsFor } from '../../src/labels/labels-for.ts'
import type { Labels, SeriesSamples } from '../../src/model/series.ts'
import { DAY_MS, MINUTE_MS } from '../../src/model/time-window.ts'
import type { Clock } from '../../src/runtime/clock.ts'
import type { Log } from '../../src/runtime/log.ts'
import type { DeviceFault } from '../doubles/device-fault.ts'
import type { DeviceRequest } from '../../src/simulator/request-arguments.ts'
import type { SpoilCell } from '../../src/simulator/run-query.ts'
import { createSimulatedDevice, type SimulatedDevice } from '../doubles/simulated-device.ts'
import type { KnownDevice } from '../../src/sync/session/known-devices.ts'
import type { SyncSettings } from '../../src/sync/session/session.ts'
import { createSimulatedClock, type SimulatedClock } from '../doubles/simulated-clock.ts'
import { createSimulatedStore } from '../doubles/simulated-store.ts'
import type { ReadFault, WriteFault } from '../doubles/store-fault.ts'
import type { SimulatedStore, SimulatedStoreSettings } from '../doubles/store-settings.ts'
import { channelsNamed, settingsFor, smallUnit, sourceOf } from '../small-house.ts'
import { type Choose, chooseBy } from './choose.ts'
import { createTruth, type Truth } from './truth.ts'

/** One device, and what is known of it from outside. */
export interface Unit {
  readonly name: string
  readonly device: SimulatedDevice
  readonly transport: SimulatedTransport
  readonly installedMs: number
  readonly truth: Truth
  readonly faults: Set<(request: DeviceRequest) => DeviceFault | undefined>
  /** What its channels are called at present, by their location; one that it does not have is left out. */
  readonly names: Map<string, string>
  /** The names in the configuration, by location. */
  readonly configured: Map<string, string>
  /** Who answers at its address at present; undefined: itself. */
  answeredBy: Unit | undefined
  /** Whether it answers and writes nothing into its log. */
  isLogStopped: boolean
  /** Minutes of a location that the process at work was told cannot be used, as `location time`. */
  readonly spoilt: Set<string>
  /** What its rows hold at present in the place of what was measured. */
  spoil: SpoilCell | undefined
  /** When a channel came that was not there at first. */
  readonly addedMs: Map<string, number>
  /** When it was first copied. */
  firstCycleMs: number | undefined
  settings(): SyncSettings
}

/** A sample that another program wrote, and whether our program was at work meanwhile. */
export interface ForeignSample {
  readonly labels: Labels
  readonly atMs: number
  readonly value: number
  readonly isBeside: boolean
}

/** The claims that tell the processes of each other lie in the store: where it fails or loses them, both may write. */
export interface SharedTime {
  readonly isDisturbed: boolean
}

export interface World {
  readonly seed: number
  readonly choose: Choose
  readonly clock: SimulatedClock
  readonly store: SimulatedStore
  readonly units: readonly Unit[]
  readonly intervalMs: number
  readonly startMs: number
  readonly log: Log
  /** The last lines that were logged. */
  readonly lines: string[]
  /** How many there were in all. */
  lineCount(): number
  readonly foreign: ForeignSample[]
  readonly writeFaults: Set<() => WriteFault | undefined>
  readonly readFaults: Set<() => ReadFault | undefined>
  /** How often each kind of fault struck. */
  readonly strikes: Map<string, number>
  /** Channels, as `device/location`, that are stored under other labels. */
  readonly rivals: Set<string>
  /** Times in which a second process with a state folder of its own copied the same devices. */
  readonly shared: SharedTime[]
  /** What goes wrong with the store at present, and how often something has begun to. */
  readonly storeTroubles: { active: number; begun: number }
  /** What those who work in a state folder know of the devices. */
  readonly known: Map<string, ReadonlyMap<string, KnownDevice>>
  /** Whether a second process is at work. */
  isShared: boolean
  /** Whether something was lost of which no sign tells but the audit. */
  needsAudit: boolean
  readonly real: RealStoreOfWorld | undefined
  count(kind: string): void
  insert(batch: readonly SeriesSamples[], options: { isBeside: boolean }): void
  /** An error that no part of the program has caught. */
  fail(error: unknown): void
  failure: unknown
}

export interface WorldChanges {
  readonly intervalMs?: number
  /** A store that takes real time. */
  readonly real?: RealStoreOfWorld
}

/** A real store in the place of the simulated one. */
export interface RealStoreOfWorld {
  readonly startMs: number
  idle(): Promise<void>
  open(clock: SimulatedClock): SimulatedStore
  /** The clock of our program: what it waits for the store, it waits in truth. */
  patient(clock: Clock): Clock
  /** Reads all that the store has, for `allSeries` and `samplesOf`. */
  refresh(): Promise<void>
}

const LOCATIONS = ['Furnace', 'Fridge', 'Dryer', 'Heat'] as const
const KEPT_LINES = 60

export const STORE_KINDS: Readonly<Record<string, Partial<SimulatedStoreSettings>>> = {
  'single node': {},
  'single node that deduplicates': { deduplicates: true },
  'without flush and snapshot': { mayFlush: false, maySnapshot: false },
  cluster: { buffers: true, deduplicates: true, mayFlush: false, maySnapshot: false },
  'cluster of nodes': { buffers: true, deduplicates: true, mayFlush: false, maySnapshot: false, nodeCount: 3 },
  'behind a proxy that hides when it started': { hidesStart: true },
  'behind a proxy that hides everything': { isSilent: true, deduplicates: true, mayFlush: false },
  'with a retention': { retentionMs: 12 * DAY_MS },
}

export function createWorld(seed: number, changes: WorldChanges = {}): World {
  const choose = chooseBy(seed)
  const anyMs = Date.UTC(
    2024,
    choose.complete(0, 11),
    choose.complete(1, 28),
    choose.complete(0, 23),
    choose.complete(0, 59),
    37,
  )
  const { real } = changes
  const startMs = real?.startMs ?? anyMs
  const clock = createSimulatedClock(startMs, real?.idle)
  const kind = choose.pick(Object.values(STORE_KINDS) as [Partial<SimulatedStoreSettings>])
  const store = real?.open(clock) ?? createSimulatedStore({ clock, ...kind })
  const lookbackMs = choose.pick([30, 3]) * DAY_MS
  const chunkMs = choose.pick([7, 2]) * DAY_MS
  const lines: string[] = []
  let lineCount = 0
  const keep = (level: string) => (message: string) => {
    lineCount++
    lines.push(`${new Date(clock.nowMs()).toISOString()} ${level} ${message}`)
    if (lines.length > KEPT_LINES) lines.shift()
  }

  function createUnit(name: string, index: number): Unit {
    const installedMs = startMs - (startMs % MINUTE_MS) - choose.complete(1, 3) * DAY_MS
    // Both call themselves the same: identity is the configuration's.
    const source = sourceOf(smallUnit('IotaWatt'), { seed: 2 * seed + index, fromMs: installedMs, restartMs: 15_000 })
    const device = createSimulatedDevice({
      source,
      clock,
      readCostMs: 0.8,
      historyOpensAfterMs: 12_000,
      startedAtMs: startMs - DAY_MS,
    })
    device.setOutput('Heat', '@1+@2')
    const names = new Map<string, string>(LOCATIONS.map((location) => [location, location]))
    const configured = new Map([...names, ['Spare', 'Spare']])
    const faults: Unit['faults'] = new Set()
    device.setFaults((request) => firstOf(faults, request))
    return {
      name,
      device,
      names,
      configured,
      faults,
      installedMs,
      transport: simulatedTransport(device, clock),
      truth: createTruth(),
      answeredBy: undefined,
      isLogStopped: false,
      spoilt: new Set(),
      spoil: undefined,
      addedMs: new Map(),
      firstCycleMs: undefined,
      settings: () =>
        settingsFor(name, {
          lookbackMs,
          chunkMs,
          maxAgeMs: 15 * MINUTE_MS,
          allowDuplicates: store.settings.buffers || store.settings.isSilent,
          channels: [...configured].flatMap(([location, channel]) =>
            channelsNamed(channel).map((c) => ({ ...c, location })),
          ),
        }),
    }
  }

  const writeFaults: World['writeFaults'] = new Set()
  const readFaults: World['readFaults'] = new Set()
  store.setFaults({ write: () => firstOf(writeFaults), read: () => firstOf(readFaults) })
  const strikes = new Map<string, number>()
  const foreign: ForeignSample[] = []
  const world: World = {
    seed,
    choose,
    clock,
    store,
    units: ['cellar', 'attic'].map(createUnit),
    intervalMs: changes.intervalMs ?? choose.pick(choose.chance(0.03) ? [5] : [15, 30, 60, 60, 60, 60]) * MINUTE_MS,
    startMs,
    lines,
    lineCount: () => lineCount,
    log: { debug() {}, info: keep('info'), warn: keep('warn'), error: keep('error') },
    foreign,
    writeFaults,
    readFaults,
    strikes,
    rivals: new Set(),
    shared: [],
    known: new Map(),
    isShared: false,
    storeTroubles: { active: 0, begun: 0 },
    needsAudit: false,
    real,
    count: (struck) => strikes.set(struck, (strikes.get(struck) ?? 0) + 1),
    insert(batch, { isBeside }) {
      store.insert(batch)
      for (const { labels, timestampsMs, values } of batch)
        timestampsMs.forEach((atMs, index) => foreign.push({ labels, atMs, value: values[index] ?? 0, isBeside }))
    },
    fail: (error) => {
      world.failure ??= error
    },
    failure: undefined,
  }
  return world
}

export function labelsOf({ name }: Pick<Unit, 'name'>, location: string): Labels {
  const channel = { name: location, location, unit: 'watts', metric: 'power' } as const
  return labelsFor(channel, { device: name, rules: DEFAULT_LABEL_RULES })
}

function firstOf<A extends unknown[], T>(
  hooks: ReadonlySet<(...given: A) => T | undefined>,
  ...given: A
): T | undefined {
  for (const hook of hooks) {
    const fault = hook(...given)
    if (fault !== undefined) return fault
  }
  return undefined
}
