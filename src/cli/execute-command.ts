import type { CommandRequest } from '../model/daemon.ts'
import { ForeignPathError } from '../runtime/foreign-path.ts'
import { leavingNoFolder, makeFolder } from '../runtime/make-folder.ts'
import { meetHost } from '../web/command-client.ts'
import {
  describeBeside,
  differingParts,
  refuseOtherConfiguration,
  requireSameVersion,
  secondDaemonError,
} from './command-host.ts'
import { askedSchema } from './command.ts'
import { execute } from './commands.ts'
import { openEngine } from './engine.ts'
import { executeHere, type HereOptions, writesNothing } from './execute-here.ts'
import { absentStore } from './open-store.ts'
import { readVersion } from './read-version.ts'

/** A command over devices: in the daemon, where one runs with the same configuration; else in this process. */
export async function executeCommand(request: CommandRequest, options: HereOptions): Promise<number> {
  const act = () => executeInFolder(request, options)
  return writesNothing(request) ? leavingNoFolder(options.config.stateDir, act) : act()
}

async function executeInFolder(request: CommandRequest, options: HereOptions): Promise<number> {
  const { config, path, output, signal } = options
  const isCheck = request.command === 'check'
  if (isCheck && (await isStateUnusable(config.stateDir))) return checkWithoutState(request, options)
  const daemon = await meetHost(config.stateDir, { signal })
  if (!daemon) return executeHere(request, options)
  try {
    const parts = differingParts(config, requireSameVersion(daemon), request.command)
    if (parts.length === 0) return await daemon.ask(request, { output, signal, version: readVersion() })
    if (!isCheck) throw refuseOtherConfiguration(daemon, options, parts)
    output.log('info', describeBeside(daemon, options, parts))
  } finally {
    daemon.close()
  }
  if (daemon.host?.path === path) return executeHere(request, { ...options, daemon })
  // `run` with this configuration would be refused.
  const { warnings } = askedSchema.parse(request.options)
  const more = { warnings: [...warnings, secondDaemonError(daemon, options).message] }
  return executeHere({ ...request, options: { ...request.options, ...more } }, { ...options, daemon })
}

/** Whether there can be no lock, no daemon and no embedded store in it. */
async function isStateUnusable(stateDir: string): Promise<boolean> {
  try {
    await makeFolder(stateDir)
    return false
  } catch (error) {
    if (error instanceof ForeignPathError) throw error
    return true
  }
}

/** A check of all that needs no state folder; that it cannot be used is one of its findings. */
async function checkWithoutState(request: CommandRequest, options: HereOptions): Promise<number> {
  const { config, devices, deps, output, signal } = options
  const engine = await openEngine(
    config,
    { devices, locks: 'none', readOnly: true, replaceStore: absentStore },
    { ...deps, isBrief: true },
  )
  try {
    return await execute(request, { engine, output, signal })
  } finally {
    await engine.close()
  }
}
