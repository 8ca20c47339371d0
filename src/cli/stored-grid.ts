import { createKnownChannels } from '../house/known-channels.ts'
import { planHouse, type HousePlan } from '../house/house-plan.ts'
import { type GridBlock, readGrid } from '../house/read-grid.ts'
import { DEFAULT_LABEL_RULES } from '../labels/default-rules.ts'
import { labelsOfWatts } from '../labels/labels-for.ts'
import { at } from '../model/at.ts'
import { ceilToMinute, floorToMinute, HOUR_MS, MINUTE_MS, OLDEST_MS, type TimeWindow } from '../model/time-window.ts'
import { dayOf, formatDay, openTimeZone } from '../model/time-zone.ts'
import { systemClock } from '../runtime/clock.ts'
import type { CommandRun } from './command.ts'

type Run = Pick<CommandRun, 'engine' | 'output' | 'signal'>

/** What the store has of the grid, for the house of the configuration. */
export interface Stored {
  readonly plan: HousePlan
  readonly firstMs: number
  /** The end of the newest minute; now, where that is long ago. */
  readonly untilMs: number
}

/** A device copies what is new after some minutes; later than this, minutes are missing. */
const LATE_MS = HOUR_MS

/** @throws Error where no channel of the mains is known. */
export async function findStored({ engine, signal }: Run): Promise<Stored> {
  const { config, store } = engine
  const { rules = DEFAULT_LABEL_RULES } = config
  const sources = config.devices.map(({ name, type, channels, labels }) => {
    const configured = channels && labelsOfWatts(channels, { device: name, source: type, rules, labels })
    return { name, found: () => undefined, ...(configured && { configured }) }
  })
  const { metric, lookbackMs } = config
  const known = createKnownChannels(sources, { store, clock: systemClock, metric, lookbackMs })
  await known.learn(signal)
  const plan = planHouse(config.house, known.series())
  if (plan.mains.length === 0)
    throw new Error(
      'no channel of the mains is known, so it is not known what came from the grid\n  to mark them: house.mains in the configuration; to see the channels: iotawatt-sync channels',
    )
  const nowMs = systemClock.nowMs()
  const mains = plan.mains.map((place) => at(plan.channels, place).series)
  const ever = { fromMs: OLDEST_MS, untilMs: ceilToMinute(nowMs) }
  const firsts = await store.firstSamples(mains, ever, signal)
  const firstMs = Math.min(...firsts.flatMap((sample) => sample?.atMs ?? []), ever.untilMs)
  const recent = await store.readSamples(mains, { ...ever, fromMs: floorToMinute(nowMs - LATE_MS) }, signal)
  const newestMs = Math.max(...recent.map(({ timestampsMs }) => timestampsMs.at(-1) ?? -Infinity))
  return { plan, firstMs, untilMs: Number.isFinite(newestMs) ? floorToMinute(newestMs) + MINUTE_MS : ever.untilMs }
}

/** The minutes of a window, day by day, and how far that is. */
export async function* readStored(
  { engine, output, signal }: Run,
  window: TimeWindow,
  { plan, firstMs }: Stored,
): AsyncGenerator<GridBlock> {
  const zone = openTimeZone(engine.config.house.timezone)
  const options = { store: engine.store, plan, zone, nowMs: systemClock.nowMs(), window, firstMs }
  for await (const block of readGrid(options, signal)) {
    yield block
    const [done, total] = [block.fromMs - window.fromMs, window.untilMs - window.fromMs]
    output.progress({ name: 'bill', done, total, text: formatDay(dayOf(zone, block.fromMs)) })
  }
}
