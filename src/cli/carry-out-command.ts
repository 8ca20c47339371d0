import type { CommandRequest } from '../model/collector.ts'
import { meetHost } from '../web/command-client.ts'
import { carryOutHere, type HereOptions } from './carry-out-here.ts'
import { describeBeside, refuseOtherConfiguration, requireSameVersion } from './command-host.ts'
import { differingParts } from './config-parts.ts'
import { readVersion } from './read-version.ts'

/** A command over devices: in the daemon, where one runs with the same configuration; else in this process. */
export async function carryOutCommand(request: CommandRequest, options: HereOptions): Promise<number> {
  const { config, output, signal } = options
  const daemon = await meetHost(config.stateDir, { signal })
  if (!daemon) return carryOutHere(request, options)
  try {
    const parts = differingParts(config, requireSameVersion(daemon), request.command)
    if (parts.length === 0) return await daemon.ask(request, { output, signal, version: readVersion() })
    if (request.command !== 'check') throw refuseOtherConfiguration(daemon, options, parts)
    output.log('info', describeBeside(daemon, options, parts))
  } finally {
    daemon.close()
  }
  return carryOutHere(request, { ...options, daemon })
}
