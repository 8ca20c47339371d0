import { systemClock } from '../../src/runtime/clock.ts'
import { BATCH_MINUTES, crashBatch, crashSeries, T0, allTime } from './crash-data.ts'
import { openEmbedded } from '../../src/store/embedded/open-embedded.ts'
import { MINUTE_MS } from '../../src/model/time-window.ts'

/** Writes batch after batch until it is killed, and names each on stdout once the store has acknowledged it. */
const signal = new AbortController().signal
const store = await openEmbedded({ folder: process.argv[2] ?? '' }, { clock: systemClock })
const [newest] = await store.listSeries({ metrics: ['power'], device: crashSeries(0).device, window: allTime }, signal)
const first = newest ? Math.round((newest.positionMs + MINUTE_MS - T0) / MINUTE_MS / BATCH_MINUTES) : 0
for (let batch = first; ; batch++) {
  await store.write(crashBatch(batch), signal)
  process.stdout.write(`${batch}\n`)
}
