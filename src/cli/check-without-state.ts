import type { Config, DeviceConfig } from '../config/config.ts'
import type { CommandRequest } from '../model/daemon.ts'
import { ForeignPathError } from '../runtime/foreign-path.ts'
import { makeFolder } from '../runtime/make-folder.ts'
import { storeOfError } from './absent-store.ts'
import { execute } from './commands.ts'
import type { CommandRun } from './command.ts'
import { openEngine } from './engine.ts'
import type { Deps } from './open-store.ts'

interface WithoutStateOptions extends Pick<CommandRun, 'output' | 'signal'> {
  readonly config: Config
  readonly devices: readonly DeviceConfig[]
  readonly deps: Deps
}

/** Whether the state folder cannot be used at all, so that there is no lock, no daemon and no embedded store in it. */
export async function isStateUnusable(stateDir: string): Promise<boolean> {
  return makeFolder(stateDir).then(
    () => false,
    (error: unknown) => {
      if (error instanceof ForeignPathError) throw error
      return true
    },
  )
}

/** A check of all that needs no state folder; that it cannot be used is one of its findings. */
export async function checkWithoutState(request: CommandRequest, options: WithoutStateOptions): Promise<number> {
  const { config, devices, deps, output, signal } = options
  const engine = await openEngine(
    config,
    { devices, locks: 'none', readOnly: true, replaceStore: storeOfError },
    { ...deps, isBrief: true },
  )
  try {
    return await execute(request, { engine, output, signal })
  } finally {
    await engine.close()
  }
}
