import { ConfigError } from '../config/config-error.ts'
import type { LoadedConfig } from '../config/load-config.ts'
import { explain, StoppedError } from '../runtime/errors.ts'
import { checkSocketPlace } from '../web/command-socket.ts'
import { refuseSecondDaemon } from './command-host.ts'
import { ExitCode, exitCodeOfSignal } from './exit-codes.ts'
import type { Deps } from './open-store.ts'
import { watchDeviceFiles } from './watch-device-files.ts'
import { runDaemon } from './daemon/run-daemon.ts'

/** What cannot be ended by then is cut: every step may be. */
const STOP_MS = 4_500
/** Whoever saves a configuration in the page is answered before the page's server ends. */
const ANSWER_MS = 250

/**
 * The daemon: ends on SIGINT and SIGTERM, and starts again with the configuration as it then is on SIGHUP, and when its
 * files of devices change; with the one before where that cannot be used. `reload` gets the one before.
 */
export async function runCommandForever(
  first: LoadedConfig,
  reload: (before: LoadedConfig) => Promise<LoadedConfig>,
  deps: Deps,
): Promise<number> {
  const { log } = deps
  const stop = new AbortController()
  let generation = new AbortController()
  let loaded = first
  let working: LoadedConfig | undefined
  const stays = (error: unknown) =>
    log.error(`the configuration stays as it was: ${error instanceof ConfigError ? error.message : explain(error)}`)
  const onStop = (name: 'SIGINT' | 'SIGTERM') => {
    if (stop.signal.aborted) process.exit(exitCodeOfSignal(name))
    log.info('stopping')
    stop.abort(new StoppedError('the daemon was stopped'))
    generation.abort(stop.signal.reason)
    setTimeout(() => {
      log.warn('cut what had not ended in time')
      process.exit(ExitCode.done)
    }, STOP_MS).unref()
  }
  const reloadSoon = () => void setTimeout(() => !stop.signal.aborted && onReload(), ANSWER_MS).unref()
  const onReload = () => {
    reloadUsable(() => reload(loaded)).then((next) => {
      loaded = next
      log.info(`read ${next.path} again`)
      generation.abort(new StoppedError('the daemon read its configuration again'))
    }, stays)
  }
  void watchDeviceFiles({ inUse: () => loaded, onChange: onReload, clock: deps.clock, signal: stop.signal })
  process.on('SIGINT', onStop).on('SIGTERM', onStop).on('SIGHUP', onReload)
  try {
    while (!stop.signal.aborted) {
      generation = new AbortController()
      const tried = loaded
      const onStarted = () => void (working = tried)
      try {
        const { signal } = generation
        await refuseSecondDaemon(tried, signal)
        await runDaemon(tried.config, deps, {
          signal,
          onStarted,
          configPath: tried.path,
          env: process.env,
          reload: reloadSoon,
          refused: tried.deviceFiles.refused,
        })
      } catch (error) {
        if (working === undefined || working === tried) throw error
        stays(error)
        if (loaded === tried) loaded = working
      }
    }
    return ExitCode.done
  } finally {
    // Also where it could not start: what waits for the signal keeps the process.
    stop.abort(new StoppedError('the daemon has ended'))
    process.off('SIGINT', onStop).off('SIGTERM', onStop).off('SIGHUP', onReload)
  }
}

/** What can be seen before the daemon that works is ended. */
async function reloadUsable(reload: () => Promise<LoadedConfig>): Promise<LoadedConfig> {
  const next = await reload()
  await checkSocketPlace(next.config.stateDir)
  return next
}
