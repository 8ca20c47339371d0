import type { DeviceConfig } from '../config/config.ts'
import type { LoadedConfig } from '../config/load-config.ts'
import { parsePointInTime } from '../config/setting-kinds.ts'
import type { CommandRequest } from '../model/daemon.ts'
import { systemClock } from '../runtime/clock.ts'
import { paintVerdict } from './colour.ts'
import { chooseDevices } from './command.ts'
import { COMMANDS } from './commands.ts'
import { ExitCode, UsageError, exitCodeAfter, untilSignal } from './exit-codes.ts'
import { ClosedPipeError, standardOutput, type TextSink } from './export-sink.ts'
import type { DeviceFlags } from './flags.ts'
import { houseTimes } from './format-time.ts'
import { loadFor, openDeps } from './open-deps.ts'
import { openOutput } from './open-output.ts'
import type { Redaction } from './explain-error.ts'

const GOES_ON = 'what is stored stays, and running it again goes on from there'
/** Of what was being asked. */
const UNDONE = 'nothing of that was done'

export interface RunOptions {
  readonly redaction: Redaction
  readonly openSink?: () => Promise<TextSink>
}

/** A command over devices: in the daemon where one runs, because it holds them; else here. */
export async function runOverDevices(
  command: string,
  flags: DeviceFlags,
  { redaction, openSink = () => Promise.resolve(standardOutput()) }: RunOptions,
): Promise<number> {
  const loaded = await loadFor(flags, redaction)
  const { config } = loaded
  const { signal, release } = untilSignal()
  const { request, devices } = await readRequest(command, flags, loaded)
  // `check` tells them as what it found.
  const calm = openDeps(command === 'check' ? { ...loaded, warnings: [] } : loaded, flags, redaction)
  const sink = await openSink()
  const over = new AbortController()
  const { output, log, isAsking, close } = openOutput(calm.log, {
    format: config.log.format,
    write: sink.write,
    ...(command === 'check' && { paint: paintVerdict }),
    signal: AbortSignal.any([signal, over.signal]),
  })
  const deps = { ...calm, log }
  try {
    const { executeCommand } = await import('./execute-command.ts')
    const exitCode = await executeCommand(request, { ...loaded, devices, deps, output, signal })
    if (exitCode === ExitCode.done) await sink.finish(log.info)
    return exitCode
  } catch (error) {
    if (error instanceof ClosedPipeError) return ExitCode.done
    if (!signal.aborted) throw error
    close()
    log.info(`stopped; ${isAsking() ? UNDONE : (COMMANDS.get(command)?.unfinished ?? GOES_ON)}`)
    return exitCodeAfter(signal)
  } finally {
    release()
    over.abort()
    close()
    await sink.close()
  }
}

async function readRequest(
  command: string,
  flags: DeviceFlags,
  { config, warnings }: LoadedConfig,
): Promise<{ request: CommandRequest; devices: readonly DeviceConfig[] }> {
  const { config: _, verbose: __, device, since, until, fromCard, ...own } = flags
  const { timezone: zone } = config.house
  const { zone: clocks, minute } = houseTimes(zone)
  const [sinceMs, untilMs] = [since, until].map((text) =>
    text === undefined ? undefined : parsePointInTime(text, clocks.instantMs),
  )
  const chosen = chooseDevices(config, device)
  const named = { all: config.devices.map(({ name }) => name), named: [...new Set(device)] }
  const cards = fromCard && (await (await import('./read-from-cards.ts')).readCardFlags(fromCard, named))
  if (sinceMs !== undefined && sinceMs > systemClock.nowMs())
    throw new UsageError(`--since ${minute(sinceMs)} is in the future; expected a time in the past`)
  if (sinceMs !== undefined && untilMs !== undefined && untilMs <= sinceMs)
    throw new UsageError('--until must be later than --since')
  const columns = process.stdout.isTTY ? process.stdout.columns : undefined
  const names = cards ? Object.keys(cards) : device
  return {
    request: { command, options: { ...own, devices: names, sinceMs, untilMs, cards, warnings, zone, columns } },
    devices: cards ? chosen.filter(({ name }) => Object.hasOwn(cards, name)) : chosen,
  }
}
