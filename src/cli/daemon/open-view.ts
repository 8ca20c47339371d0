import { join } from 'node:path'
import type { Config } from '../../config/config.ts'
import { DEFAULT_LABEL_RULES } from '../../labels/default-rules.ts'
import { labelsFor } from '../../labels/labels-for.ts'
import type { Labels } from '../../model/series.ts'
import type { Store } from '../../model/store.ts'
import type { DeviceWorker } from '../../sync/device-worker.ts'
import type { DeviceFacts } from '../../sync/history/device-facts.ts'
import { openHistory, type OpenHistory } from '../../sync/history/open-history.ts'
import type { Surroundings } from '../open-store.ts'

/** The folder of what is kept of the history, in that of the state. */
export const SUMS = 'sums'

/** What the store has, to look at, with what the workers know of their devices. */
export function openView(
  config: Config,
  { store, workers }: { store: Store; workers: readonly DeviceWorker[] },
  { clock, log }: Pick<Surroundings, 'clock' | 'log'>,
): OpenHistory {
  let shown: readonly Labels[] = []
  let seen: readonly unknown[] = []
  /** The same list until a device is found to have other channels. */
  const series = () => {
    const now = workers.map(({ context }) => context.memory.seen?.targets)
    if (shown.length === 0 || now.some((targets, index) => targets !== seen[index])) {
      const next = workers.flatMap((worker) => wattSeries(config, worker))
      if (JSON.stringify(next) !== JSON.stringify(shown)) shown = next
    }
    seen = now
    return shown
  }
  return openHistory({
    store,
    house: config.house,
    devices: workers.map(factsOf),
    series,
    clock,
    log,
    folder: join(config.stateDir, SUMS),
  })
}

/** Of the configured channels; where none are, of those that the device was found to have. */
function wattSeries(config: Config, { context }: DeviceWorker): Labels[] {
  const { settings, memory } = context
  if (!settings.channels)
    return memory.seen?.targets.filter(({ channel }) => channel.unit === 'watts').map(({ labels }) => labels) ?? []
  const names = { device: settings.deviceName, rules: config.rules ?? DEFAULT_LABEL_RULES }
  return settings.channels.filter(({ unit }) => unit === 'watts').map((channel) => labelsFor(channel, names))
}

function factsOf({ name, context, health, isLoaded }: DeviceWorker): DeviceFacts {
  const { memory } = context
  return {
    name,
    wantedFromMs: (key) => memory.seen?.targets.find((target) => target.key === key)?.wanted.fromMs,
    storedUntilMs: () => health().lastPass?.storedUntilMs,
    unmeasured: () => memory.unmeasured,
    isLoaded,
  }
}
