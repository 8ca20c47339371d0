import type { Config, DeviceConfig } from '../config/config.ts'
import type { CommandOutput, CommandRequest } from '../model/collector.ts'
import { StoreError } from '../model/store.ts'
import { LockedError } from '../runtime/device-lock.ts'
import { explain, StoppedError } from '../runtime/errors.ts'
import { createSyncMemory } from '../sync/sync-memory.ts'
import { createDirectQueue, type DeviceQueue } from '../sync/device-work.ts'
import type { SyncContext } from '../sync/session.ts'
import { count } from '../sync/words.ts'
import { meetHost, type Peer } from '../web/command-client.ts'
import { COMMAND_SOCKET } from '../web/command-protocol.ts'
import { explainUnreached, serveCommands, type CommandServer } from '../web/command-socket.ts'
import { carryOut } from './carry-out.ts'
import { describeHost } from './command-host.ts'
import { differingParts } from './config-parts.ts'
import { openEngine, withoutBackups, type Engine, type EngineOptions, type OpenEngine } from './engine.ts'
import { isReading, mayBeServed } from './is-reading.ts'
import type { Surroundings } from './open-store.ts'
import { logTo } from './read-from-cards.ts'
import { readVersion } from './read-version.ts'
import { absentStore } from './absent-store.ts'
import { describeWork, trackWork, type WorkTrack } from './track-work.ts'

export interface HereOptions {
  readonly config: Config
  /** Of the configuration. */
  readonly path: string
  readonly devices: readonly DeviceConfig[]
  readonly surroundings: Surroundings
  readonly output: CommandOutput
  readonly signal: AbortSignal
  /** The daemon, which runs with another configuration: this command only looks. */
  readonly daemon?: Peer | undefined
}

/** Carries out a command without the daemon: in another process that has the store open, or in this one. */
export async function carryOutHere(request: CommandRequest, options: HereOptions): Promise<number> {
  const { config, signal, output } = options
  const holder = options.daemon ? undefined : await meetHost(config.stateDir, { signal, name: COMMAND_SOCKET })
  try {
    if (holder && mayServe(holder, request, config))
      return await holder.ask(request, { output, signal, version: readVersion() })
  } finally {
    holder?.close()
  }
  return carryOutAlone(request, { ...options, holder })
}

function mayServe({ host }: Peer, request: CommandRequest, config: Config): boolean {
  if (host?.version !== readVersion() || !mayBeServed(request)) return false
  return differingParts(config, host, request.command).length === 0
}

type AloneOptions = HereOptions & { readonly holder: Peer | undefined }

async function carryOutAlone(request: CommandRequest, options: AloneOptions): Promise<number> {
  const { config, surroundings, signal } = options
  let unseenStore: string | undefined
  // The daemon has the embedded store open; what else a configuration says can be looked at all the same.
  const replaceStore = (error: StoreError) => {
    unseenStore = `${error.message}, ${options.daemon?.title}: so this check cannot look into it`
    return absentStore(error)
  }
  const track = trackWork(request.command, surroundings.clock.nowMs(), options.output)
  const describe = () => describeOwnWork(track, options)
  const engine = await openEngine(
    config,
    { devices: options.devices, locks: locksFor(request), describe, ...(options.daemon && { replaceStore }) },
    surroundings,
  ).catch((error: unknown) => explainHeld(error, options))
  const seen: Engine = {
    ...engine,
    ...(options.holder?.host?.work && { describeWork: () => describeHolder(options) }),
    ...(unseenStore !== undefined && { unseenStore }),
  }
  let server: CommandServer | undefined
  try {
    server = options.daemon ? undefined : await serveReading(engine, track, options)
    return await carryOut(request, { engine: seen, output: track.output, signal })
  } finally {
    await finishServing(server, options)
    await engine.close()
  }
}

function locksFor(request: CommandRequest): EngineOptions['locks'] {
  if (!isReading(request)) return 'all'
  return request.command === 'verify' ? 'where free' : 'none'
}

/** While this command has the store open, those that only read ask it. */
function serveReading(
  { config, store, contexts }: OpenEngine,
  track: WorkTrack,
  options: HereOptions,
): Promise<CommandServer | undefined> {
  return serveCommands(config.stateDir, {
    name: COMMAND_SOCKET,
    describe: () => describeHost(options, track.work()),
    async handle(request, output, gone) {
      const describe = () => describeOwnWork(track, options)
      if (!mayBeServed(request)) throw new Error(describe())
      const stop = new AbortController()
      const onStop = () => stop.abort(new StoppedError('the command that had the store open was stopped'))
      options.signal.addEventListener('abort', onStop, { once: true })
      const engine = {
        config,
        store,
        queues: contexts.map((context) => besideQueue(context, output)),
        describeWork: describe,
      }
      try {
        return await carryOut(request, { engine, output, signal: AbortSignal.any([gone, stop.signal]) })
      } finally {
        options.signal.removeEventListener('abort', onStop)
      }
    },
  })
}

/** Beside what this process does with the device, whose single questions take turns with these. */
function besideQueue(context: SyncContext, output: CommandOutput): DeviceQueue {
  return createDirectQueue({ ...withoutBackups(context), memory: createSyncMemory(), log: logTo(output).log })
}

async function finishServing(server: CommandServer | undefined, { surroundings, signal }: HereOptions): Promise<void> {
  if (!server) return
  const clients = server.clientCount()
  if (clients > 0 && !signal.aborted)
    surroundings.log.info(`done; waiting for ${count(clients, 'other command')} that read through this one`)
  await server.finish(signal)
}

function describeOwnWork(track: WorkTrack, { config, surroundings }: HereOptions): string {
  const options = { pid: process.pid, zone: config.house.timezone, nowMs: surroundings.clock.nowMs() }
  return describeWork(track.work(), options)
}

function describeHolder({ holder, config, surroundings }: AloneOptions): string {
  const work = holder?.host?.work
  const options = { pid: holder?.process, zone: config.house.timezone, nowMs: surroundings.clock.nowMs() }
  return work ? describeWork(work, options) : ''
}

/** Who holds what could not be opened, and what it does. */
async function explainHeld(error: unknown, options: AloneOptions): Promise<never> {
  const { config, holder } = options
  if (error instanceof StoreError && error.reason === 'locked' && holder?.host?.work)
    throw new Error(`${error.message}\n  ${describeHolder(options)}\n  wait for it to end, or stop it`, {
      cause: error,
    })
  if (!(error instanceof LockedError) || error.work !== undefined) throw error
  const unreached = await explainUnreached(config.stateDir)
  throw new Error(`${explain(error)}\n  if it is the daemon, restart it: ${unreached}`, { cause: error })
}
