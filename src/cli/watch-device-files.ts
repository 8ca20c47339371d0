import { dirname } from 'node:path'
import { deviceFilesState } from '../config/device-files.ts'
import type { LoadedConfig } from '../config/load-config.ts'
import type { Clock } from '../runtime/clock.ts'

const WATCH_MS = 10_000

interface WatchOptions {
  /** The configuration as it was read last. */
  readonly inUse: () => Pick<LoadedConfig, 'path' | 'deviceFiles'> & { readonly config: { deviceFiles?: unknown } }
  readonly onChange: () => void
  readonly clock: Clock
  readonly signal: AbortSignal
}

/**
 * Calls when the files of `deviceFiles` are others than those in use, and have been the same for one interval, as they
 * may be half written; once for each change. Looks every 10 s, which works on mounted folders too; until the signal.
 */
export async function watchDeviceFiles({ inUse, onChange, clock, signal }: WatchOptions): Promise<void> {
  let [seen, reported] = ['', '']
  while (await clock.sleep(WATCH_MS, signal).then(isTrue, () => !signal.aborted)) {
    const { config, path, deviceFiles } = inUse()
    const state = await deviceFilesState(config.deviceFiles, dirname(path))
    if (state === deviceFiles.state) reported = ''
    else if (state === seen && state !== reported) {
      reported = state
      onChange()
    }
    seen = state
  }
}

const isTrue = () => true
