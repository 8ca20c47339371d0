import type { Config, DeviceConfig } from '../config/config.ts'
import type { CommandOutput, CommandRequest, Progress } from '../model/daemon.ts'
import { StoreError } from '../model/store.ts'
import { openTimeZone } from '../model/time-zone.ts'
import { LockedError } from '../runtime/device-lock.ts'
import { explain, StoppedError } from '../runtime/errors.ts'
import { formatSpan, plural } from '../runtime/plural.ts'
import { createDirectQueue, type DeviceQueue } from '../sync/session/device-work.ts'
import type { SyncContext } from '../sync/session/session.ts'
import { memoryForReading } from '../sync/session/sync-memory.ts'
import { meetHost, type Peer } from '../web/command-client.ts'
import { COMMAND_SOCKET, type Work } from '../web/command-protocol.ts'
import { type CommandServer, explainUnreached, serveCommands } from '../web/command-socket.ts'
import { describeHost, differingParts } from './command-host.ts'
import { execute, COMMANDS } from './commands.ts'
import {
  type Engine,
  type EngineOptions,
  openEngine,
  type OpenEngine,
  type WorkOfProcess,
  withoutReloads,
} from './engine.ts'
import { formatTimeOfDay } from './format-time.ts'
import { absentStore, type Deps } from './open-store.ts'
import { logTo } from './read-from-cards.ts'
import { readVersion } from './read-version.ts'

export interface HereOptions {
  readonly config: Config
  /** Of the configuration. */
  readonly path: string
  readonly devices: readonly DeviceConfig[]
  readonly deps: Deps
  readonly output: CommandOutput
  readonly signal: AbortSignal
  /** The daemon, which runs with another configuration: this command only looks. */
  readonly daemon?: Peer | undefined
}

/** Executes a command without the daemon: in another process that has the store open, or in this one. */
export async function executeHere(request: CommandRequest, options: HereOptions): Promise<number> {
  const { config, signal, output } = options
  const holder = options.daemon ? undefined : await meetHost(config.stateDir, { signal, name: COMMAND_SOCKET })
  try {
    if (holder && mayServe(holder, request, config))
      return await holder.ask(request, { output, signal, version: readVersion() })
  } finally {
    holder?.close()
  }
  return executeAlone(request, { ...options, holder })
}

function mayServe({ host }: Peer, request: CommandRequest, config: Config): boolean {
  if (host?.version !== readVersion() || !mayBeServed(request)) return false
  return differingParts(config, host, request.command).length === 0
}

type AloneOptions = HereOptions & { readonly holder: Peer | undefined }

async function executeAlone(request: CommandRequest, options: AloneOptions): Promise<number> {
  const { config, deps, signal } = options
  const isCheck = request.command === 'check'
  let unseenStore: string | undefined
  const replaceStore = (error: unknown) => {
    // The daemon has the embedded store open; what else a configuration says can be looked at all the same.
    if (options.daemon && isLocked(error))
      unseenStore = `${options.daemon.title} has the embedded store open, so this check cannot look into it`
    // What the process does that has it open is reported instead.
    else if (!isCheck || (isLocked(error) && options.holder?.host?.work)) return undefined
    return absentStore(error)
  }
  const track = trackWork(request.command, deps.clock.nowMs(), options.output)
  const describe = () => ownWork(track, options).text
  const engine = await openEngine(
    config,
    { devices: options.devices, locks: locksFor(request), readOnly: writesNothing(request), describe, replaceStore },
    { ...deps, isBrief: isCheck },
  ).catch((error: unknown) => explainHeld(error, options))
  const seen: Engine = {
    ...engine,
    ...(options.holder?.host?.work && { atWork: () => workOfHolder(options) }),
    ...(unseenStore !== undefined && { unseenStore }),
  }
  let server: CommandServer | undefined
  try {
    server = options.daemon ? undefined : await serveReading(engine, track, options)
    return await execute(request, { engine: seen, output: track.output, signal })
  } finally {
    await finishServing(server, options)
    await engine.close()
  }
}

function isLocked(error: unknown): error is StoreError {
  return error instanceof StoreError && error.reason === 'locked'
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
      if (!mayBeServed(request)) throw new Error(ownWork(track, options).text)
      const stop = new AbortController()
      const onStop = () => stop.abort(new StoppedError('the command that had the store open was stopped'))
      options.signal.addEventListener('abort', onStop, { once: true })
      const engine = {
        config,
        store,
        queues: contexts.map((context) => besideQueue(context, output)),
        atWork: () => ownWork(track, options),
      }
      try {
        return await execute(request, { engine, output, signal: AbortSignal.any([gone, stop.signal]) })
      } finally {
        options.signal.removeEventListener('abort', onStop)
      }
    },
  })
}

/** Beside what this process does with the device, which answers one question at a time. */
function besideQueue(context: SyncContext, output: CommandOutput): DeviceQueue {
  return createDirectQueue({
    ...withoutReloads(context),
    memory: memoryForReading(context.memory),
    log: logTo(output).log,
  })
}

async function finishServing(server: CommandServer | undefined, { deps, signal }: HereOptions): Promise<void> {
  if (!server) return
  const clients = server.clientCount()
  if (clients > 0 && !signal.aborted)
    deps.log.info(`done; waiting for ${plural(clients, 'other command')} that read through this one`)
  await server.finish(signal)
}

interface WorkTrack {
  /** The same output, whose progress is noted too. */
  readonly output: CommandOutput
  work(): Work
}

/** How far this command is, for others who ask. */
function trackWork(command: string, sinceMs: number, output: CommandOutput): WorkTrack {
  const latest = new Map<string, Progress>()
  return {
    output: {
      ...output,
      progress(progress) {
        latest.set(progress.name, progress)
        output.progress(progress)
      },
    },
    work() {
      const parts = [...latest.values()]
      const sum = (numberOf: (part: Progress) => number) => parts.reduce((total, part) => total + numberOf(part), 0)
      const total = sum((part) => part.total)
      const left = parts.flatMap(({ leftMs }) => (leftMs === undefined ? [] : [leftMs]))
      return {
        command,
        sinceMs,
        ...(total > 0 && { share: Math.min(1, sum(({ done }) => done) / total) }),
        ...(left.length > 0 && { leftMs: Math.max(...left) }),
      }
    },
  }
}

function ownWork(track: WorkTrack, options: HereOptions): WorkOfProcess {
  return describeWork(track.work(), process.pid, options)
}

function workOfHolder(options: AloneOptions): WorkOfProcess | undefined {
  const { holder } = options
  return holder?.host?.work && describeWork(holder.host.work, holder.process, options)
}

function describeWork(work: Work, pid: number | undefined, { config, deps }: HereOptions): WorkOfProcess {
  const { command, sinceMs, share, leftMs } = work
  const since = formatTimeOfDay(openTimeZone(config.house.timezone), sinceMs, deps.clock.nowMs())
  const parts = [
    `\`${command}\`${pid === undefined ? '' : ` (process ${pid})`} has been at work since ${since}`,
    ...(share === undefined ? [] : [`${Math.floor(100 * share)} %`]),
    ...(leftMs === undefined ? [] : [`${formatSpan(leftMs)} left`]),
  ]
  return { ...work, process: pid, text: parts.join(', ') }
}

/** Who holds what could not be opened, and what it does. */
async function explainHeld(error: unknown, options: AloneOptions): Promise<never> {
  const work = workOfHolder(options)
  if (isLocked(error) && work)
    throw new Error(`${error.message}\n  ${work.text}\n  wait for it to end, or stop it`, { cause: error })
  if (!isLocked(error) && !(error instanceof LockedError && error.work === undefined)) throw error
  const unreached = await explainUnreached(options.config.stateDir)
  throw new Error(`${explain(error)}\n  if it is the daemon, restart it: ${unreached}`, { cause: error })
}

/** Whether a command also leaves the state folder as it is, without one where there is none. */
export function writesNothing({ command }: CommandRequest): boolean {
  return COMMANDS.has(command) && COMMANDS.get(command)?.writes === undefined
}

/** Whether a command writes nothing, to the store or for the device, and so may go beside one that does. */
function isReading({ command, options }: CommandRequest): boolean {
  return COMMANDS.has(command) && !COMMANDS.get(command)?.writes?.(options)
}

/** Whether another process that has the store open may do it: a share of the device's time of its own would bind both. */
function mayBeServed(request: CommandRequest): boolean {
  return isReading(request) && request.options['maxDeviceLoad'] === undefined
}
