import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/model/time-window.ts'
import type { Daemon } from './daemon.ts'
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

/** Four channels of two devices. */
const SERIES_OF_A_WORLD = 8

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
  (world) => clockJump(world, 'device: clock years ahead', () => world.choose.whole(1, 6) * 365 * DAY_MS),
  (world) => clockJump(world, 'device: clock ahead a little', () => world.choose.whole(10, 280) * 1000),
  (world) => clockJump(world, 'device: clock back', () => -world.choose.whole(1, 20 * 60) * MINUTE_MS),
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
        unit.device.setOutput('Heat', `@1+@2*${world.choose.whole(2, 99)}`)
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
    const node = choose.whole(0, store.settings.nodeCount - 1)
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
    const limit = choose.whole(0, SERIES_OF_A_WORLD - 1)
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
  (world, daemon) => event(world, 'our process: killed', () => daemon.kill()),
  (world, daemon) => event(world, 'our process: stopped and started', () => daemon.stop()),
  ...(['before', 'begun'] as const).flatMap((when) =>
    [30, 3000].map(
      (within): PlanEpisode =>
        (world, daemon) =>
          event(world, `our process: killed ${when === 'before' ? 'before a step' : 'within a step'}`, () =>
            daemon.killAt(world.choose.whole(1, within), when),
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
    return spanOf(
      world,
      () => faults.add(hook),
      () => faults.delete(hook),
    )
  })
}

/** All that a device has, as it is now: after that its past may change. */
export function noteTruth(unit: Unit): void {
  const faults = [...unit.faults]
  unit.faults.clear()
  unit.truth.note(unit.device, unit.names, { fromMs: unit.installedMs, untilMs: unit.device.nowMs() })
  for (const fault of faults) unit.faults.add(fault)
}

/** On an input that was free: it counts from 0, so its past is 0 too. */
export function connectAgain(unit: Unit): void {
  if (unit.names.has('Dryer')) return
  unit.device.addChannel('Dryer')
  unit.names.set('Dryer', 'Dryer')
  unit.truth.changePast()
}

function pickUnit({ choose, units }: World): Unit {
  const unit = units[choose.whole(0, units.length - 1)]
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
  return { lastsMs, begin: counted(world, kind, begin), end }
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

function isWell({ clock }: World, { device }: Unit): boolean {
  return device.isOn() && device.isHistoryOpen() && device.nowMs() === clock.nowMs()
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
  const deaths = Array.from({ length: choose.whole(2, 30) }, () => ({
    afterMs: choose.between(0, lastsMs),
    node: nodeCount > 1 ? choose.whole(0, nodeCount - 1) : undefined,
  }))
  async function die({ afterMs, node }: (typeof deaths)[number]): Promise<void> {
    await clock.sleep(afterMs, new AbortController().signal)
    if (!store.isRunning()) return
    world.count('store: killed, and back at once')
    store.kill(node)
    store.start(node)
  }
  return {
    lastsMs,
    begin: () => {
      for (const death of deaths) die(death).catch(world.fail)
    },
    end: nothing,
  }
}

function insertOther(world: World): void {
  const { choose, clock, units } = world
  const atMs = Math.floor(clock.nowMs()) - choose.whole(0, 2 * DAY_MS)
  const labels = choose.pick([
    { __name__: 'power', location: 'Furnace', device: 'shed' },
    { __name__: 'temperature', location: 'Furnace', device: units[0]?.name ?? '' },
    { __name__: 'Power_Furnace' },
  ])
  world.insert([{ labels, timestampsMs: [atMs], values: [choose.whole(1, 5000)] }], { isBeside: false })
}

function insertBeside(world: World): void {
  const { choose, clock } = world
  const unit = pickUnit(world)
  const picked = choose.pick(['Furnace', 'Dryer', 'Heat'])
  // With samples of its own there too, nobody could tell which of two series a channel is to go on in.
  const location = world.rivals.has(`${unit.name}/${picked}`) ? 'Furnace' : picked
  const firstMs = clock.nowMs() - (clock.nowMs() % MINUTE_MS) - choose.whole(0, 90) * MINUTE_MS
  const timestampsMs = Array.from(
    { length: choose.whole(1, 5) },
    (_, index) => firstMs + index * choose.pick([60_000, 65_000]),
  )
  const values = timestampsMs.map(() => 100_000 + choose.whole(1, 5000))
  world.insert([{ labels: labelsOf(unit, location), timestampsMs, values }], { isBeside: true })
}
