import { openIotawatt } from '../../src/iotawatt/open-iotawatt.ts'
import { createDeviceWorker, type DeviceWorker } from '../../src/sync/device-worker.ts'
import type { SyncContext } from '../../src/sync/session.ts'
import { createSyncMemory } from '../../src/sync/sync-memory.ts'
import { createMortal, type Mortal } from './mortal.ts'
import type { Unit, World } from './world.ts'

/** As soon as a service manager does it: what was written last is not seen yet. */
const RESTART_AFTER_MS = 100

/** The program as a service: when it dies or is stopped it is started again, as a process that knows nothing. */
export interface Daemon {
  start(): void
  kill(): void
  killAt(steps: number, when: 'before' | 'begun'): void
  /** Takes back a death that is still to come. */
  spare(): void
  /** Ends it as SIGTERM does; resolves when it has ended. */
  stop(): Promise<void>
  /** While held, it is not started again. */
  hold(isHeld: boolean): void
  workers(): readonly DeviceWorker[]
  /** Passes that ended well, of the device that has the fewest. */
  passes(): number
  deaths(): number
}

/** All that copying a unit needs, of a process that begins now. */
export function contextOf(world: World, unit: Unit, mortal: Mortal): SyncContext {
  const clock = mortal.clock(world.clock)
  const patient = mortal.clock(world.real?.patient(world.clock) ?? world.clock)
  const surroundings = { clock, log: world.log, random: world.choose.random }
  const transport = mortal.transport(unit.transport)
  return {
    ...surroundings,
    clock: patient,
    store: mortal.store(world.store),
    memory: createSyncMemory(),
    device: openIotawatt({ name: unit.name, url: 'http://192.0.2.7' }, { ...surroundings, transport }),
    settings: unit.settings(),
  }
}

export function createDaemon(world: World): Daemon {
  const never = new AbortController().signal
  let mortal = createMortal(() => {})
  let stop = new AbortController()
  let workers: readonly DeviceWorker[] = []
  let ended: Promise<unknown> = Promise.resolve()
  let died: Promise<void> = Promise.resolve()
  let passes = new Map<string, number>()
  let isHeld = false
  let isUp = false
  let deaths = 0

  function start(): void {
    if (isHeld || isUp) return
    isUp = true
    stop = new AbortController()
    const { signal } = stop
    died = new Promise((resolve) => {
      mortal = createMortal(() => {
        end(true)
        resolve()
      })
    })
    passes = new Map(world.units.map(({ name }) => [name, 0]))
    workers = world.units.map((unit) =>
      createDeviceWorker(contextOf(world, unit, mortal), {
        intervalMs: world.intervalMs,
        backfill: true,
        onPass: () => {
          passes.set(unit.name, (passes.get(unit.name) ?? 0) + 1)
          unit.firstPassMs ??= world.clock.nowMs()
        },
      }),
    )
    ended = Promise.all(workers.map((worker) => worker.start(signal))).catch(world.fail)
  }

  function end(isDeath: boolean): void {
    isUp = false
    if (isDeath) deaths++
    const restartMs = RESTART_AFTER_MS + (world.choose.chance(0.1) ? world.choose.span(1_000, 7_200_000) : 0)
    void world.clock.sleep(restartMs, never).then(start, world.fail)
  }

  return {
    start,
    kill: () => mortal.kill(),
    killAt: (steps, when) => mortal.killAt(steps, when),
    spare: () => mortal.killAt(Infinity, 'before'),
    async stop() {
      if (!isUp) return
      stop.abort(new Error('stopped'))
      await Promise.race([ended, died])
      if (isUp) end(false)
    },
    hold(toHeld) {
      isHeld = toHeld
    },
    workers: () => (isUp ? workers : []),
    passes: () => (isUp ? Math.min(...passes.values()) : 0),
    deaths: () => deaths,
  }
}
