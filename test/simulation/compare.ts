import { seriesKey, type Labels } from '../../src/model/series.ts'
import { isClaim } from '../../src/sync/session/claim-device.ts'
import { HOUR_MS, MINUTE_MS, floorToMinute } from '../../src/model/time-window.ts'
import { labelsOf, type ForeignSample, type Unit, type World } from './world.ts'

/** What is not as it should be, in words; empty when the store has what the devices have, each sample once. */
export function compare(world: World, untilMs: number): string[] {
  const foreign = groupBy(world.foreign, ({ labels }) => seriesKey(labels))
  const ours = new Map(
    world.units.flatMap((unit) =>
      [...unit.configured.keys()].map((location) => [seriesKey(labelsOf(unit, location)), { unit, location }] as const),
    ),
  )
  const wrong = [...ours].flatMap(([key, { unit, location }]) =>
    compareSeries(world, { unit, location, untilMs, foreign: foreign.get(key) ?? [] }),
  )
  for (const labels of world.store.allSeries())
    if (!ours.has(seriesKey(labels)) && !isClaim(labels))
      wrong.push(...compareForeign(world, labels, foreign.get(seriesKey(labels)) ?? []))
  return wrong
}

interface Compared {
  readonly unit: Unit
  readonly location: string
  readonly untilMs: number
  readonly foreign: readonly ForeignSample[]
}

function compareSeries(world: World, { unit, location, untilMs, foreign }: Compared): string[] {
  const { store, clock } = world
  const wrong: string[] = []
  const say = (atMs: number, what: string) =>
    wrong.push(`${unit.name}/${location} ${new Date(atMs).toISOString()}: ${what}`)
  const own = new Map<number, number>()
  let mayDouble = mostDuplicate(world)
  const strange = groupBy(foreign, ({ atMs }) => floorToMinute(atMs))
  const awaited = countForeign(world, foreign)
  const isForeign = (atMs: number, value: number) => {
    const left = awaited.get(`${atMs} ${value}`) ?? 0
    if (left > 0) awaited.set(`${atMs} ${value}`, left - 1)
    return left > 0
  }
  for (const { atMs, value } of store.samplesOf(labelsOf(unit, location))) {
    const beside = strange.size > 0 ? strange.get(floorToMinute(atMs)) : undefined
    if (beside && isForeign(atMs, value)) continue
    if (atMs % MINUTE_MS !== 0) say(atMs, 'a sample off the minute')
    else if (own.has(atMs) && mayDouble-- <= 0) say(atMs, 'stored again')
    own.set(atMs, value)
    if (beside?.some(({ isBeside }) => !isBeside)) say(atMs, 'written where another program had written')
    if (!unit.truth.wasSaid(location, atMs, value)) say(atMs, `${value} is stored, which the device never answered`)
  }
  for (const [sample, left] of awaited)
    if (left > 0) say(Number(sample.split(' ')[0]), `another program's sample is gone: ${sample}`)

  const isRival = world.rivals.has(`${unit.name}/${location}`)
  if (isRival && own.size > 0) say([...own.keys()][0] ?? 0, 'stored though the channel is stored under other labels')
  const truth = isRival ? new Map<number, number>() : unit.truth.latest(location)
  const fromMs = Math.max(firstUse(truth), clock.nowMs() - store.settings.retentionMs + 2 * HOUR_MS)
  const isExcused = (atMs: number) => strange.has(atMs) || unit.spoilt.has(`${location} ${atMs}`)
  for (const [atMs, value] of truth)
    if (atMs >= fromMs && atMs < untilMs && !own.has(atMs) && !isExcused(atMs)) say(atMs, `${value} is missing`)
  const addedMs = unit.addedMs.get(location) ?? 0
  if ((unit.firstCycleMs ?? Infinity) < addedMs)
    for (const [atMs, value] of own)
      if (atMs < floorToMinute(addedMs)) say(atMs, `${value} is stored before the channel existed`)
  return wrong
}

/** A second process may be seen only after it has written for a cycle; by way of a store that fails, not even then. */
function mostDuplicate({ shared, intervalMs }: World): number {
  return shared.some(({ isDisturbed }) => isDisturbed) ? Infinity : (shared.length * intervalMs) / MINUTE_MS
}

/** How often each sample of another program has to be there. */
function countForeign({ store }: World, foreign: readonly ForeignSample[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { atMs, value } of foreign) {
    const sample = `${atMs} ${value}`
    counts.set(sample, store.settings.deduplicates ? 1 : (counts.get(sample) ?? 0) + 1)
  }
  return counts
}

/** Nobody can tell a 0 before from a channel that was not there. */
function firstUse(truth: ReadonlyMap<number, number>): number {
  for (const [atMs, value] of truth) if (value !== 0) return atMs
  return Infinity
}

function compareForeign(world: World, labels: Labels, foreign: readonly ForeignSample[]): string[] {
  const awaited = countForeign(world, foreign)
  for (const { atMs, value } of world.store.samplesOf(labels))
    awaited.set(`${atMs} ${value}`, (awaited.get(`${atMs} ${value}`) ?? 0) - 1)
  const isSame = [...awaited.values()].every((left) => left === 0)
  return isSame ? [] : [`${seriesKey(labels)}: another program's series was touched`]
}

function groupBy<T, Key>(values: readonly T[], keyOf: (value: T) => Key): Map<Key, T[]> {
  const groups = new Map<Key, T[]>()
  for (const value of values) {
    const group = groups.get(keyOf(value))
    if (group) group.push(value)
    else groups.set(keyOf(value), [value])
  }
  return groups
}
