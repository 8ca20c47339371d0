import { openIotawatt } from '../../src/iotawatt/open-iotawatt.ts'
import { createDeviceWorker, type DeviceWorker } from '../../src/daemon/device-worker.ts'
import { claimDevices, type Writer } from '../../src/sync/session/claim-device.ts'
import type { SyncContext } from '../../src/sync/session/session.ts'
import { createDeviceIdentities } from '../../src/sync/session/device-identities.ts'
import type { KnownDevice } from '../../src/sync/session/known-devices.ts'
import { createSyncMemory } from '../../src/sync/session/sync-memory.ts'
import { createMortal, type Mortal } from './mortal.ts'
import type { World } from './world.ts'

/** As soon as a service manager does it: what was written last is not seen yet. */
const RESTART_AFTER_MS = 100
const RELEASE_MS = 3_000

/** A state folder, and who works in it. */
export const FIRST_WRITER: Writer = { id: 'first', host: 'nas', process: 812, stateDir: '/var/lib/iotawatt-sync' }
export const SECOND_WRITER: Writer = { id: 'another', host: 'laptop', process: 4411, stateDir: '/home/me/data' }

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
  /** Cycles that ended well, of the device that has the fewest. */
  cycles(): number
  deaths(): number
}

/** All that copying each unit needs, of a process that begins now. */
export function contextsOf(
  world: World,
  { mortal, writer }: { readonly mortal: Mortal; readonly writer: Writer },
): SyncContext[] {
  const { intervalMs, units } = world
  const clock = mortal.clock(world.clock)
  const patient = mortal.clock(world.real?.patient(world.clock) ?? world.clock)
  const store = mortal.store(world.store)
  const deps = { clock, log: world.log, random: world.choose.random }
  const opened = units.map((unit, index) => {
    const url = `http://192.0.2.${index + 7}`
    const transport = mortal.transport({ get: (...asked) => (unit.answeredBy ?? unit).transport.get(...asked) })
    return { unit, url, device: openIotawatt({ name: unit.name, url }, { ...deps, transport }) }
  })
  const identities = createDeviceIdentities({
    devices: opened.map(({ unit: { name }, url, device }) => ({ name, url, askStatus: device.status })),
    known: {
      read: () => Promise.resolve(knownBy(world, writer)),
      write: (known) => Promise.resolve(void world.known.set(writer.stateDir, known)),
    },
    clock,
    log: world.log,
  })
  const claimOf = claimDevices({
    intervalMs,
    store,
    clock: patient,
    writer: () => Promise.resolve(writer),
    allowDuplicates: world.store.settings.isSilent,
  })
  return opened.map(({ unit, device }) => ({
    ...deps,
    clock: patient,
    store,
    identities,
    // A real store has a clock of its own, by which no claim ever ends here.
    ...(!world.real && {
      claim: claimOf(unit.name),
    }),
    memory: createSyncMemory(),
    device,
    settings: unit.settings(),
  }))
}

/** Whether those who work in a state folder have seen all devices: only then can they tell one from the other. */
export function knowsAll(world: World, writer: Writer): boolean {
  return knownBy(world, writer).size === world.units.length
}

function knownBy({ known }: World, { stateDir }: Writer): ReadonlyMap<string, KnownDevice> {
  return known.get(stateDir) ?? new Map()
}

export function createDaemon(world: World, writer: Writer = FIRST_WRITER): Daemon {
  const never = new AbortController().signal
  let mortal = createMortal(() => {})
  let stop = new AbortController()
  let workers: readonly DeviceWorker[] = []
  let ended: Promise<unknown> = Promise.resolve()
  let died: Promise<void> = Promise.resolve()
  let cycles = new Map<string, number>()
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
    if (writer === FIRST_WRITER) for (const unit of world.units) unit.spoilt.clear()
    cycles = new Map(world.units.map(({ name }) => [name, 0]))
    const contexts = contextsOf(world, { mortal, writer })
    workers = world.units.flatMap((unit, index) => {
      const context = contexts[index]
      if (!context) return []
      return createDeviceWorker(context, {
        intervalMs: world.intervalMs,
        backfill: true,
        onCycle: () => {
          cycles.set(unit.name, (cycles.get(unit.name) ?? 0) + 1)
          unit.firstCycleMs ??= world.clock.nowMs()
        },
      })
    })
    ended = Promise.all(workers.map((worker) => worker.start(signal))).catch(world.fail)
  }

  function end(isDeath: boolean): void {
    isUp = false
    if (isDeath) deaths++
    const restartMs = RESTART_AFTER_MS + (world.choose.chance(0.1) ? world.choose.span(1_000, 7_200_000) : 0)
    void world.clock.sleep(restartMs, never).then(start, world.fail)
  }

  /** A store that is off keeps nobody waiting. */
  async function release(): Promise<void> {
    const claims = workers.flatMap(({ context }) => context.claim ?? [])
    const over = new AbortController()
    const late = world.clock.sleep(RELEASE_MS, over.signal).then(
      () => over.abort(),
      () => {},
    )
    await Promise.all(claims.map((claim) => claim.release(over.signal).catch(() => {})))
    over.abort()
    await late
  }

  return {
    start,
    kill: () => mortal.kill(),
    killAt: (steps, when) => mortal.killAt(steps, when),
    spare: () => mortal.killAt(Infinity, 'before'),
    async stop() {
      if (!isUp) return
      stop.abort(new Error('stopped'))
      await Promise.race([ended.then(release), died])
      if (isUp) end(false)
    },
    hold(toHeld) {
      isHeld = toHeld
    },
    workers: () => (isUp ? workers : []),
    cycles: () => (isUp ? Math.min(...cycles.values()) : 0),
    deaths: () => deaths,
  }
}
