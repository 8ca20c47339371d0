import { expect, it } from 'vitest'
import type { Store } from '../src/model/store.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../src/model/time-window.ts'
import { createDirectQueue } from '../src/sync/session/device-work.ts'
import type { SyncContext } from '../src/sync/session/session.ts'
import { loadWork } from '../src/sync/load/load-device.ts'
import { syncDevice } from '../src/sync/tail/sync-device.ts'
import { createSimulatedClock } from './doubles/simulated-clock.ts'
import { createSimulatedDevice } from './doubles/simulated-device.ts'
import { createSimulatedStore } from './doubles/simulated-store.ts'
import { channelsNamed, inProcess, minutesOf, settingsFor, SMALL_CHANNELS, smallUnit, sourceOf } from './small-house.ts'

const START_MS = Date.UTC(2024, 5, 1, 12, 0, 37)
const FROM_MS = START_MS - 37_000 - 2 * DAY_MS
const CHANNELS = [...SMALL_CHANNELS, 'Spare']
const { signal } = new AbortController()

const commands: readonly (readonly [string, (context: SyncContext) => Promise<unknown>])[] = [
  ['sync', (context) => syncDevice(context, { signal, countMissing: true, durable: true })],
  [
    'load',
    (context) =>
      createDirectQueue(context).run((given) => loadWork(given, { signal, refuseBeyondRetention: false }), signal),
  ],
]
const cases = commands.flatMap(([name, run]) =>
  [1, 2, 3].flatMap((dyingWrite) => [0, 1].map((node) => [name, dyingWrite, node, run] as const)),
)

it.each(cases)(
  'a node that dies during %s (after write %d, node %d) forgets where a series begins: a channel that read 0 at first has its zeros all the same',
  async (_, dyingWrite, node, run) => {
    const clock = createSimulatedClock(START_MS)
    const source = sourceOf(smallUnit('garage', { spareSinceMs: FROM_MS + 5 * HOUR_MS }), { fromMs: FROM_MS })
    const device = createSimulatedDevice({ source, clock })
    const store = createSimulatedStore({ clock, buffers: true, deduplicates: true, nodeCount: 2 })
    const settings = settingsFor('garage', { channels: channelsNamed(...CHANNELS), allowDuplicates: true })
    const begin = (given: Store) => clock.runUntilDone(run(inProcess(device, { clock, store: given, settings })))
    let writes = 0
    const dying: Store = {
      ...store,
      async write(...asked) {
        await store.write(...asked)
        if (++writes !== dyingWrite) return
        // It has been read back by then.
        void clock
          .sleep(6_000, signal)
          .then(() => store.kill(node))
          .then(() => clock.sleep(5_000, signal))
          .then(() => store.start(node))
      },
    }
    await begin(dying)
    await clock.advance(MINUTE_MS)
    await begin(store)
    const window = { fromMs: FROM_MS, untilMs: START_MS - 37_000 }
    for (const [channel, minutes] of minutesOf(device, CHANNELS, window)) {
      const [labels] = store.allSeries().filter(({ location }) => location === channel)
      const stored = labels ? store.samplesOf(labels).map(({ atMs, value }) => [atMs, value] as const) : []
      expect([channel, stored.filter(([atMs]) => atMs < window.untilMs).length]).toEqual([channel, minutes.size])
    }
  },
)
