import fc from 'fast-check'
import { DEFAULT_LABEL_RULES } from '../src/labels/default-rules.ts'
import { labelsFor } from '../src/labels/labels-for.ts'
import { DeviceError } from '../src/model/device.ts'
import type { Sample } from '../src/model/series.ts'
import { MINUTE_MS, splitWindow, type TimeWindow } from '../src/model/time-window.ts'
import { silentLog } from '../src/runtime/log.ts'
import { createSimulatedClock } from './doubles/simulated-clock.ts'
import { createSimulatedStore } from './doubles/simulated-store.ts'
import type { SyncContext } from '../src/sync/session/session.ts'
import { createSyncMemory } from '../src/sync/session/sync-memory.ts'
import { minuteDevice, wattsOf } from './minute-device.ts'
import { channelsNamed, settingsFor } from './small-house.ts'

export const CHANNELS = ['A', 'B', 'C'] as const
type ChannelName = (typeof CHANNELS)[number]

/** In the evening, so that longer windows have full days (UTC) in them. */
const FROM_MS = Date.UTC(2024, 5, 1, 20, 17)

/** What a store has of a minute: nothing, its sample, that twice, or one off the minute. */
type Stored = 'missing' | 'there' | 'doubled' | 'legacy'

export interface Plan {
  readonly length: number
  readonly off: readonly Span[]
  readonly stored: Readonly<Record<ChannelName, readonly (Span & { readonly as: Stored })[]>>
  readonly pages: readonly number[]
}

interface Span {
  readonly at: number
  readonly length: number
}

/** Few and long, or many and short. */
function spansIn<More>(most: number, more: fc.Arbitrary<More>): fc.Arbitrary<(Span & More)[]> {
  const length = fc.oneof(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: most }))
  return fc.array(
    fc.tuple(fc.nat(most), length, more).map(([at, long, rest]) => ({ at, length: long, ...rest })),
    { maxLength: 6 },
  )
}

/** A device with any outages, and a store with any gaps, for up to so many minutes. */
export function plansUpTo(most: number): fc.Arbitrary<Plan> {
  const as = fc.record({ as: fc.constantFrom<Stored>('there', 'there', 'missing', 'doubled', 'legacy') })
  const stored = spansIn(most, as)
  return fc.record({
    length: fc.integer({ min: 1, max: most }),
    off: spansIn(most, fc.constant({})),
    stored: fc.record({ A: stored, B: stored, C: stored }),
    pages: fc.array(fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 100, max: 1_000 })), { minLength: 1 }),
  })
}

/** The device and the store of a plan, and what is known of each minute. */
export function storeWithGaps({ length, off, stored, pages }: Plan, { chunkMinutes = 10_000 } = {}) {
  const window: TimeWindow = { fromMs: FROM_MS, untilMs: FROM_MS + length * MINUTE_MS }
  const minutes = splitWindow(window, MINUTE_MS).map(({ fromMs }) => fromMs)
  const isLogged = (atMs: number) => !off.some((span) => isIn(span, atMs))
  const stateOf = (name: ChannelName, atMs: number) =>
    stored[name].findLast((span) => isIn(span, atMs))?.as ?? 'missing'
  const clock = createSimulatedClock(window.untilMs + 5_000)
  const store = createSimulatedStore({ clock })
  for (const name of CHANNELS) {
    const samples = minutes.flatMap((atMs) => samplesOf(stateOf(name, atMs), atMs))
    if (samples.length > 0)
      store.insert([{ labels: labelsOf(name), timestampsMs: samples, values: samples.map(() => 7) }])
  }
  let page = 0
  /** How many of the next pages come before one that fails. */
  let failsAfter = Infinity
  const batchRows = () => {
    if (failsAfter-- === 0) throw new DeviceError('timeout', 'minutes: no answer')
    return pages[page++ % pages.length] ?? 1
  }
  const context: SyncContext = {
    device: minuteDevice({ channels: CHANNELS, window, isLogged, batchRows }),
    store,
    clock,
    memory: createSyncMemory(),
    log: silentLog,
    random: () => 0.5,
    settings: settingsFor('minutes', { channels: channelsNamed(...CHANNELS), chunkMs: chunkMinutes * MINUTE_MS }),
  }
  return {
    window,
    minutes,
    isLogged,
    context,
    run: clock.runUntilDone,
    failAfter: (count: number) => {
      failsAfter = count
    },
    isUnstored: (name: ChannelName, atMs: number) => stateOf(name, atMs) === 'missing',
    /** What is stored now, as `time value`. */
    stored: (name: ChannelName) => samplesIn(store.samplesOf(labelsOf(name))),
    /** What is not as it is to be once all is copied: what was there as it was, and the device's minutes once. */
    wrong: () =>
      CHANNELS.flatMap((name) => {
        const complete = minutes.flatMap((atMs) => {
          const state = stateOf(name, atMs)
          if (state !== 'missing') return samplesOf(state, atMs).map((sampleMs) => ({ atMs: sampleMs, value: 7 }))
          return isLogged(atMs) ? [{ atMs, value: wattsOf(name, atMs) }] : []
        })
        const [is, ought] = [samplesIn(store.samplesOf(labelsOf(name))), samplesIn(complete)]
        return is.join() === ought.join() ? [] : [{ name, is, ought }]
      }),
  }
}

function samplesIn(samples: readonly Sample[]): string[] {
  return samples.map(({ atMs, value }) => `${new Date(atMs).toISOString()} ${value}`)
}

function labelsOf(location: string) {
  return labelsFor({ metric: 'power', location }, { device: 'minutes', rules: DEFAULT_LABEL_RULES })
}

function isIn({ at, length }: Span, atMs: number): boolean {
  const minute = (atMs - FROM_MS) / MINUTE_MS
  return minute >= at && minute < at + length
}

function samplesOf(state: Stored, atMs: number): number[] {
  return { missing: [], there: [atMs], doubled: [atMs, atMs], legacy: [atMs + 5_000] }[state]
}
