import type { CommandRequest } from '../model/daemon.ts'
import { leavingNoFolder } from '../runtime/make-folder.ts'
import { meetHost, type Peer } from '../web/command-client.ts'
import { checkWithoutState, isStateUnusable } from './check-without-state.ts'
import { describeBeside, refuseOtherConfiguration, requireSameVersion, secondDaemonError } from './command-host.ts'
import { askedSchema } from './command.ts'
import { differingParts } from './config-parts.ts'
import { executeHere, type HereOptions, writesNothing } from './execute-here.ts'
import { readVersion } from './read-version.ts'

/** A command over devices: in the daemon, where one runs with the same configuration; else in this process. */
export async function executeCommand(request: CommandRequest, options: HereOptions): Promise<number> {
  const act = () => executeInFolder(request, options)
  return writesNothing(request) ? leavingNoFolder(options.config.stateDir, act) : act()
}

async function executeInFolder(request: CommandRequest, options: HereOptions): Promise<number> {
  const { config, output, signal } = options
  if (request.command === 'check' && (await isStateUnusable(config.stateDir)))
    return checkWithoutState(request, options)
  const daemon = await meetHost(config.stateDir, { signal })
  if (!daemon) return executeHere(request, options)
  try {
    const parts = differingParts(config, requireSameVersion(daemon), request.command)
    if (parts.length === 0) return await daemon.ask(request, { output, signal, version: readVersion() })
    if (request.command !== 'check') throw refuseOtherConfiguration(daemon, options, parts)
    output.log('info', describeBeside(daemon, options, parts))
  } finally {
    daemon.close()
  }
  return executeHere(withWarning(request, daemon, options), { ...options, daemon })
}

/** `run` with this configuration would be refused. */
function withWarning(request: CommandRequest, daemon: Peer, { config, path }: HereOptions): CommandRequest {
  if (daemon.host?.path === path) return request
  const { warnings } = askedSchema.parse(request.options)
  const message = secondDaemonError(daemon, { config, path }).message
  return { ...request, options: { ...request.options, warnings: [...warnings, message] } }
}
