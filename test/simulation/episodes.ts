import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/model/time-window.ts'
import { createDaemon, FIRST_WRITER, knowsAll, SECOND_WRITER, type Daemon } from './daemon.ts'
import { DEVICE_STRIKES, isStruck, READ_STRIKES, strikeProbability, WRITE_STRIKES } from './strike.ts'
import { labelsOf, type Unit, type World } from './world.ts'

/** Something that goes wrong for a while. */
interface Episode {
  readonly lastsMs: number
  begin(): void | Promise<void>
  end(): void | Promise<void>
}

type PlanEpisode = (world: World, daemon: Daemon) => Episode

const nothing = () => {}

const MINUTE_S = 60
/** Four channels of two devices, and two by which each is claimed. */
const SERIES_OF_A_WORLD = 12

/** Every kind of episode, each as likely as the others. */
export const EPISODES: readonly PlanEpisode[] = [
  ...Object.entries(DEVICE_STRIKES).map(([kind, strike]): PlanEpisode => (world) => {
    const { choose } = world
    const unit = pickUnit(world)
    const probability = strikeProbability(kind, choose)
    const hook: Parameters<Unit['faults']['add']>[0] = (request) => {
      if (!isStruck(kind, request) || !choose.chance(probability)) return undefined
      if (kind.includes('restarts') && !isWell(world, unit)) return undefined
      world.count(kind)
      return strike(choose)
    }
    return spanOf(
      world,
      () => unit.faults.add(hook),
      () => unit.faults.delete(hook),
    )
  }),
  ...storeEpisodes(WRITE_STRIKES, { faultsOf: ({ writeFaults }) => writeFaults, probabilities: [1, 0.5, 0.1] }),
  ...storeEpisodes(READ_STRIKES, { faultsOf: ({ readFaults }) => readFaults, probabilities: [1, 0.5, 0.1, 0.02] }),
  (world) => {
    const unit = pickUnit(world)
    return event(world, 'device: reboots', () => whenWell(world, unit, () => unit.device.reboot()))
  },
  (world) => {
    const unit = pickUnit(world)
    const turnOn = () => unit.device.setPower('on')
    return long(world, 'device: without power', () => whenWell(world, unit, () => unit.device.setPower('off')), turnOn)
  },
  (world) => stoppedLog(world),
  (world) => swappedAddresses(world),
  (world) => {
    const unit = pickUnit(world)
    const name = world.choose.pick(['Furnace', 'Dryer', 'Heat', 'Voltage'])
    const reading = world.choose.pick([NaN, Infinity, -Infinity])
    return long(
      world,
      'device: a live reading that is no number',
      () => unit.device.setReading(name, reading),
      () => unit.device.setReading(name, undefined),
    )
  },
  ...([null, NaN, Infinity, -Infinity, 3e9] as const).map(
    (value): PlanEpisode =>
      (world) =>
        spoiltCells(world, value),
  ),
  (world) => clockJump(world, 'device: clock years ahead', () => world.choose.complete(1, 6) * 365 * DAY_MS),
  (world) => clockJump(world, 'device: clock ahead a little', () => world.choose.complete(10, 280) * 1000),
  (world) => clockJump(world, 'device: clock back', () => -world.choose.complete(1, 20 * 60) * MINUTE_MS),
  (world) => {
    const unit = pickUnit(world)
    return long(
      world,
      'device: a channel renamed',
      () => rename(unit, 'Fridge', 'Kitchen'),
      () => rename(unit, 'Kitchen', 'Fridge'),
    )
  },
  (world, daemon) => {
    const unit = pickUnit(world)
    return event(world, 'device: a channel renamed, and the configuration after it', async () => {
      const name = unit.configured.get('Furnace') ?? ''
      if (unit.names.get('Furnace') !== name) return
      unit.device.renameChannel(name, `${name}+`)
      unit.names.set('Furnace', `${name}+`)
      unit.configured.set('Furnace', `${name}+`)
      await daemon.stop()
    })
  },
  (world) => {
    const unit = pickUnit(world)
    return long(
      world,
      'device: a channel removed and connected again',
      () =>
        whenWell(world, unit, () => {
          noteTruth(unit)
          if (unit.names.delete('Dryer')) unit.device.removeChannel('Dryer')
        }),
      () => whenWell(world, unit, () => connectAgain(unit)),
    )
  },
  (world) => {
    const unit = pickUnit(world)
    return event(world, 'device: a channel added', () =>
      whenWell(world, unit, () => {
        if (unit.names.has('Spare')) return
        unit.device.addChannel('Spare')
        unit.names.set('Spare', 'Spare')
        unit.addedMs.set('Spare', world.clock.nowMs())
      }),
    )
  },
  (world) => {
    const unit = pickUnit(world)
    return event(world, 'device: a formula changed', () =>
      whenWell(world, unit, () => {
        noteTruth(unit)
        unit.device.setOutput('Heat', `@1+@2*${world.choose.complete(2, 99)}`)
        unit.truth.changePast()
      }),
    )
  },
  (world) => {
    const unit = pickUnit(world)
    return event(world, 'device: card replaced', () =>
      whenWell(world, unit, () => {
        noteTruth(unit)
        unit.device.replaceCard()
        unit.truth.changePast()
        unit.device.reboot()
      }),
    )
  },
  (world) => {
    const { store } = world
    return long(
      world,
      'store: killed',
      () => store.kill(),
      () => store.start(),
    )
  },
  (world) => {
    const { store, choose } = world
    const node = choose.complete(0, store.settings.nodeCount - 1)
    return long(
      world,
      'store: one node killed',
      () => store.kill(store.settings.nodeCount > 1 ? node : undefined),
      () => store.start(),
    )
  },
  (world) => killAgainAndAgain(world),
  (world) =>
    long(
      world,
      'store: stopped and started',
      () => world.store.stop(),
      () => world.store.start(),
    ),
  (world) =>
    long(
      world,
      'store: read-only',
      () => {
        world.store.settings.readOnly = true
      },
      () => {
        world.store.settings.readOnly = false
      },
    ),
  (world) => {
    const { store, choose } = world
    const limit = choose.complete(0, SERIES_OF_A_WORLD - 1)
    return long(
      world,
      'store: keeps only so many series',
      () => {
        store.settings.hourlySeries = limit
      },
      () => {
        store.settings.hourlySeries = Infinity
      },
    )
  },
  (world) => event(world, 'a second writer: other series', () => insertOther(world)),
  (world) => event(world, 'a second writer: our series', () => insertBeside(world)),
  (world) => secondProcess(world),
  (world, daemon) => event(world, 'our process: killed', () => daemon.kill()),
  (world, daemon) => event(world, 'our process: stopped and started', () => daemon.stop()),
  ...(['before', 'begun'] as const).flatMap((when) =>
    [30, 3000].map(
      (within): PlanEpisode =>
        (world, daemon) =>
          event(world, `our process: killed ${when === 'before' ? 'before a step' : 'within a step'}`, () =>
            daemon.killAt(world.choose.complete(1, within), when),
          ),
    ),
  ),
]

function storeEpisodes<Fault>(
  strikes: Readonly<Record<string, (choose: World['choose']) => Fault>>,
  options: {
    readonly faultsOf: (world: World) => Set<() => Fault | undefined>
    readonly probabilities: readonly [number, ...number[]]
  },
): PlanEpisode[] {
  return Object.entries(strikes).map(([kind, strike]) => (world) => {
    const { choose } = world
    const faults = options.faultsOf(world)
    const probability = choose.pick(options.probabilities)
    const hook = () => {
      if (!choose.chance(probability)) return undefined
      world.count(kind)
      if (kind.includes('drops')) world.needsAudit = true
      return strike(choose)
    }
    return storeTrouble(
      world,
      spanOf(
        world,
        () => faults.add(hook),
        () => faults.delete(hook),
      ),
    )
  })
}

/** All that a device has, as it is now: after that its past may change. */
export function noteTruth(unit: Unit): void {
  const faults = [...unit.faults]
  unit.faults.clear()
  unit.device.spoilCells(undefined)
  unit.truth.note(unit.device, unit.names, { fromMs: unit.installedMs, untilMs: unit.device.nowMs() })
  for (const fault of faults) unit.faults.add(fault)
  unit.device.spoilCells(unit.spoil)
}

/** On an input that was free: it counts from 0, so its past is 0 too. */
export function connectAgain(unit: Unit): void {
  if (unit.names.has('Dryer')) return
  unit.device.addChannel('Dryer')
  unit.names.set('Dryer', 'Dryer')
  unit.truth.changePast()
}

function pickUnit({ choose, units }: World): Unit {
  const unit = units[choose.complete(0, units.length - 1)]
  if (!unit) throw new Error('a world without units')
  return unit
}

function spanOf({ choose }: World, begin: () => unknown, end: () => unknown): Episode {
  return { lastsMs: choose.span(2_000, 6 * HOUR_MS), begin: () => void begin(), end: () => void end() }
}

function long(world: World, kind: string, begin: () => void, end: () => void): Episode {
  const lastsMs = world.choose.chance(0.2)
    ? world.choose.span(HOUR_MS, 3 * DAY_MS)
    : world.choose.span(2_000, 4 * HOUR_MS)
  const episode = { lastsMs, begin: counted(world, kind, begin), end }
  return kind.startsWith('store:') ? storeTrouble(world, episode) : episode
}

function storeTrouble({ storeTroubles }: World, { lastsMs, begin, end }: Episode): Episode {
  return {
    lastsMs,
    begin() {
      storeTroubles.active++
      storeTroubles.begun++
      return begin()
    },
    end() {
      storeTroubles.active--
      return end()
    },
  }
}

function event(world: World, kind: string, begin: () => void | Promise<void>): Episode {
  return { lastsMs: 0, begin: counted(world, kind, begin), end: nothing }
}

function counted<T>(world: World, kind: string, begin: () => T): () => T {
  return () => {
    world.count(kind)
    return begin()
  }
}

/**
 * Some minutes of a channel have no number that can be used, each time that they are asked for. The process that was told
 * so does not ask again; the next one finds them well.
 */
function spoiltCells(world: World, value: number | null): Episode {
  const { choose } = world
  const unit = pickUnit(world)
  const of = choose.pick(['Furnace', 'Fridge', 'Heat'])
  const [oneIn, which] = [choose.pick([1, 3, 20, 200, 2000]), choose.complete(0, 1_000_000)]
  const spoil: Unit['spoil'] = ({ channel, atS, untilS }) => {
    if (unit.names.get(of) !== channel) return undefined
    if (Math.imul(atS / MINUTE_S + which, 0x9e3779b1) >>> 0 >= 2 ** 32 / oneIn) return undefined
    world.count(`device: ${value === null ? 'null' : String(value)} in a cell`)
    if (untilS - atS === MINUTE_S) unit.spoilt.add(`${of} ${atS * 1000}`)
    return value
  }
  const set = (next: Unit['spoil']) => {
    unit.spoil = next
    unit.device.spoilCells(next)
  }
  return spanOf(
    world,
    () => set(spoil),
    () => set(undefined),
  )
}

/** As after a router has assigned them again: both answer at each other's address, or one of them at both. */
function swappedAddresses(world: World): Episode {
  const { units, choose } = world
  const [cellar, attic] = units
  const swapped = choose.pick([units, units.slice(0, 1), units.slice(1)])
  return {
    lastsMs: choose.span(10_000, DAY_MS),
    begin() {
      if (!mayTell(world)) return
      world.count('device: another one answers at its address')
      for (const unit of swapped) unit.answeredBy = unit === cellar ? attic : cellar
    },
    end() {
      for (const unit of units) unit.answeredBy = undefined
    },
  }
}

/** Who has never seen the devices as they were cannot know that they are swapped. */
function mayTell(world: World): boolean {
  return knowsAll(world, FIRST_WRITER) && (!world.isShared || knowsAll(world, SECOND_WRITER))
}

/** For hours its web server goes on; what it measures meanwhile is lost. Some people restart it. */
function stoppedLog(world: World): Episode {
  const unit = pickUnit(world)
  const { device } = unit
  const isRestarted = world.choose.chance(0.5)
  let isOurs = false
  return {
    lastsMs: world.choose.span(10 * MINUTE_MS, DAY_MS),
    begin: () =>
      whenWell(world, unit, () => {
        world.count('device: answers, and its log has stopped')
        unit.isLogStopped = isOurs = true
        device.stopLog()
      }),
    end() {
      if (!isOurs) return
      device.resumeLog()
      unit.isLogStopped = false
      if (isRestarted) whenWell(world, unit, () => device.reboot())
    },
  }
}

function clockJump(world: World, kind: string, offset: () => number): Episode {
  const unit = pickUnit(world)
  const offsetMs = offset()
  const turnBack = () => {
    const { device } = unit
    // Of minutes that are yet to come, nobody knows what they will be.
    if (device.isOn() && device.isHistoryOpen() && device.nowMs() - world.clock.nowMs() < HOUR_MS) noteTruth(unit)
    device.setClockOffset(0)
  }
  return long(world, kind, () => whenWell(world, unit, () => unit.device.setClockOffset(offsetMs)), turnBack)
}

/** A device that cannot tell its past, or has a wrong clock, is left alone: what is done to it would change that past. */
function whenWell(world: World, unit: Unit, act: () => void): void {
  if (isWell(world, unit)) act()
}

function isWell({ clock }: World, { device, isLogStopped }: Unit): boolean {
  return !isLogStopped && device.isOn() && device.isHistoryOpen() && device.nowMs() === clock.nowMs()
}

function rename(unit: Unit, from: string, to: string): void {
  if (unit.names.get('Fridge') !== from) return
  unit.device.renameChannel(from, to)
  unit.names.set('Fridge', to)
}

/** Each time it is back at once, so that no question fails. */
function killAgainAndAgain(world: World): Episode {
  const { store, choose, clock } = world
  const { nodeCount } = store.settings
  const lastsMs = choose.span(10_000, 4 * HOUR_MS)
  const deaths = Array.from({ length: choose.complete(2, 30) }, () => ({
    afterMs: choose.between(0, lastsMs),
    node: nodeCount > 1 ? choose.complete(0, nodeCount - 1) : undefined,
  }))
  async function die({ afterMs, node }: (typeof deaths)[number]): Promise<void> {
    await clock.sleep(afterMs, new AbortController().signal)
    if (!store.isRunning()) return
    world.count('store: killed, and back at once')
    store.kill(node)
    store.start(node)
  }
  return storeTrouble(world, {
    lastsMs,
    begin: () => {
      for (const death of deaths) die(death).catch(world.fail)
    },
    end: nothing,
  })
}

/** With a state folder of its own, as on another machine; it ends in order, or by force. */
function secondProcess(world: World): Episode {
  const { storeTroubles, choose, shared, units, real } = world
  const second = createDaemon(world, SECOND_WRITER)
  const isForced = choose.chance(0.5)
  let isDisturbed = false
  let isUp = false
  let begun = 0
  const kind = 'a second process with a state folder of its own'
  return {
    lastsMs: choose.span(MINUTE_MS, 2 * DAY_MS),
    begin() {
      // By the clock of a real store, no claim ever ends here. In one state folder, one process at a time is at work.
      if (world.isShared || real || (units.some(({ answeredBy }) => answeredBy) && !knowsAll(world, SECOND_WRITER)))
        return
      world.isShared = isUp = true
      world.count(kind)
      isDisturbed = storeTroubles.active > 0
      begun = storeTroubles.begun
      second.start()
    },
    async end() {
      if (!isUp) return
      second.hold(true)
      world.isShared = false
      if (isForced) second.kill()
      else await second.stop()
      shared.push({ isDisturbed: isDisturbed || storeTroubles.begun !== begun })
    },
  }
}

function insertOther(world: World): void {
  const { choose, clock, units } = world
  const atMs = Math.floor(clock.nowMs()) - choose.complete(0, 2 * DAY_MS)
  const labels = choose.pick([
    { __name__: 'power', location: 'Furnace', device: 'shed' },
    { __name__: 'temperature', location: 'Furnace', device: units[0]?.name ?? '' },
    { __name__: 'Power_Furnace' },
  ])
  world.insert([{ labels, timestampsMs: [atMs], values: [choose.complete(1, 5000)] }], { isBeside: false })
}

function insertBeside(world: World): void {
  const { choose, clock } = world
  const unit = pickUnit(world)
  const picked = choose.pick(['Furnace', 'Dryer', 'Heat'])
  // With samples of its own there too, nobody could tell which of two series a channel is to go on in.
  const location = world.rivals.has(`${unit.name}/${picked}`) ? 'Furnace' : picked
  const firstMs = clock.nowMs() - (clock.nowMs() % MINUTE_MS) - choose.complete(0, 90) * MINUTE_MS
  const timestampsMs = Array.from(
    { length: choose.complete(1, 5) },
    (_, index) => firstMs + index * choose.pick([60_000, 65_000]),
  )
  const values = timestampsMs.map(() => 100_000 + choose.complete(1, 5000))
  world.insert([{ labels: labelsOf(unit, location), timestampsMs, values }], { isBeside: true })
}
