import { inspect } from 'node:util'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/model/time-window.ts'
import { loadWork } from '../../src/sync/load/load-device.ts'
import { createDirectQueue } from '../../src/sync/session/device-work.ts'
import { syncDevice } from '../../src/sync/tail/sync-device.ts'
import { compare } from './compare.ts'
import { contextsOf, createDaemon, type Daemon, FIRST_WRITER } from './daemon.ts'
import { connectAgain, EPISODES, noteTruth } from './episodes.ts'
import { createMortal } from './mortal.ts'
import { createWorld, labelsOf, type World, type WorldChanges } from './world.ts'

export interface SeedOutcome {
  readonly seed: number
  readonly simulatedDays: number
  /** How often each kind of fault struck. */
  readonly strikes: ReadonlyMap<string, number>
  readonly samples: number
  /** Empty when all is as it should be. */
  readonly wrong: readonly string[]
  /** The last lines of the log. */
  readonly lines: readonly string[]
}

const FAULTY_DAYS = 14
const never = new AbortController().signal

/**
 * Two weeks of a daemon with two devices and a store, with whatever goes wrong in them; then two cycles without faults,
 * after which the store must have what the devices have, each minute once, and what others wrote untouched.
 */
export async function runSeed(seed: number, changes: WorldChanges = {}): Promise<SeedOutcome> {
  const world = createWorld(seed, changes)
  const daemon = createDaemon(world)
  const wrong: string[] = []
  try {
    prepareStore(world)
    daemon.start()
    await goThroughFaults(world, daemon)
    const isNew = world.choose.chance(0.5)
    if (isNew) await world.clock.runUntilDone(daemon.stop())
    wrong.push(...(await twoCycles(world, daemon, { isNew })))
    wrong.push(...(await runByHand(world, daemon)))
    if (world.failure !== undefined) throw new Error('not caught', { cause: world.failure })
  } catch (error) {
    wrong.push(inspect(error))
  }
  const samples = world.units
    .flatMap((unit) => [...unit.configured.keys()].map((location) => labelsOf(unit, location)))
    .reduce((sum, labels) => sum + world.store.samplesOf(labels).length, 0)
  const simulatedDays = (world.clock.nowMs() - world.startMs) / DAY_MS
  return { seed, simulatedDays, strikes: world.strikes, samples, wrong, lines: world.lines }
}

/** What an earlier program may have left. */
function prepareStore(world: World): void {
  const { choose, units, startMs, store } = world
  for (const unit of units) {
    const fromMs = unit.installedMs + choose.complete(0, 600) * MINUTE_MS
    if (choose.chance(0.3)) {
      // Five minutes of the first version: a row off the minute first, and the last minute twice.
      const timestampsMs = Array.from({ length: choose.complete(1, 400) }, (_, cycle) =>
        [5, 60, 120, 180, 240, 300, 300].map((second) => fromMs + cycle * 5 * MINUTE_MS + second * 1000),
      ).flat()
      // One value for what is duplicate: a store that deduplicates keeps one of them.
      const values = timestampsMs.map((atMs) => 200_000 + (atMs % 100_000_000) / 1000)
      world.insert([{ labels: labelsOf(unit, 'Furnace'), timestampsMs, values }], { isBeside: false })
    }
    // Seen for as long as it is retained.
    if (choose.chance(0.1) && store.settings.retentionMs > 365 * DAY_MS) {
      const labels = { ...labelsOf(unit, 'Dryer'), floor: '1' }
      const timestampsMs = [startMs - (startMs % MINUTE_MS) - 2 * HOUR_MS]
      world.insert([{ labels, timestampsMs, values: [1] }], { isBeside: false })
      world.rivals.add(`${unit.name}/Dryer`)
    }
  }
}

async function goThroughFaults(world: World, daemon: Daemon): Promise<void> {
  const { choose, clock, startMs } = world
  const endMs = startMs + FAULTY_DAYS * DAY_MS
  const planned = Array.from({ length: choose.complete(8, 40) }, () => {
    const episode = choose.pick(EPISODES as [(typeof EPISODES)[number]])(world, daemon)
    const beginMs = startMs + choose.between(0, FAULTY_DAYS * DAY_MS)
    return [
      { atMs: beginMs, act: episode.begin },
      { atMs: Math.min(endMs, beginMs + episode.lastsMs), act: episode.end },
    ]
  }).flat()
  for (const { atMs, act } of planned.sort((a, b) => a.atMs - b.atMs)) {
    await clock.advance(Math.max(0, atMs - clock.nowMs()))
    await clock.runUntilDone(Promise.resolve(act()))
  }
  await clock.advance(endMs - clock.nowMs())
  daemon.spare()
  for (const unit of world.units) connectAgain(unit)
}

/** Of a process that has gone through the faults, or of one that begins now. */
async function twoCycles(world: World, daemon: Daemon, { isNew }: { isNew: boolean }): Promise<string[]> {
  const { clock, intervalMs } = world
  const faultsEndMs = clock.nowMs()
  const cyclesBefore = daemon.cycles()
  const isDone = () =>
    daemon.cycles() >= cyclesBefore + 2 &&
    daemon.workers().every((worker) => worker.health().state === 'ok' && worker.health().history.state === 'done')
  // What gave no sign when it was lost is found by the audit of the next night.
  const earliestMs = faultsEndMs + (world.needsAudit && !isNew ? 25 * HOUR_MS : 0)
  // The claim of one that was killed has to end.
  const claimedMs = world.shared.length > 0 ? 3 * intervalMs : 0
  const latestMs = earliestMs + claimedMs + 2 * intervalMs + 3 * HOUR_MS
  while (clock.nowMs() < earliestMs || !isDone()) {
    if (clock.nowMs() > latestMs) {
      const health = daemon.workers().map((worker) => JSON.stringify(worker.health()))
      return [
        `not done ${(clock.nowMs() - faultsEndMs) / MINUTE_MS} minutes later`,
        ...health,
        ...(await verdict(world)),
      ]
    }
    await clock.advance(MINUTE_MS)
  }
  return verdict(world, Math.min(...daemon.workers().map((worker) => worker.health().lastPass?.storedUntilMs ?? 0)))
}

/** The same by the commands: a sync and a load, twice. */
async function runByHand(world: World, daemon: Daemon): Promise<string[]> {
  daemon.hold(true)
  await world.clock.runUntilDone(daemon.stop())
  for (const unit of world.units) unit.spoilt.clear()
  let untilMs = Infinity
  for (let round = 0; round < 2; round++)
    for (const context of contextsOf(world, { mortal: createMortal(() => {}), writer: FIRST_WRITER })) {
      const cycle = syncDevice(context, { signal: never, countMissing: false, durable: true })
      const { storedUntilMs } = await world.clock.runUntilDone(cycle)
      const load = createDirectQueue(context).run(
        (given) => loadWork(given, { signal: never, refuseBeyondRetention: false }),
        never,
      )
      await world.clock.runUntilDone(load)
      untilMs = Math.min(untilMs, storedUntilMs)
    }
  return (await verdict(world, untilMs)).map((line) => `by hand: ${line}`)
}

async function verdict(world: World, untilMs = Infinity): Promise<string[]> {
  await world.real?.refresh()
  for (const unit of world.units) noteTruth(unit)
  return compare(world, untilMs)
}
