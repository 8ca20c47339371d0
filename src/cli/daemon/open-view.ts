import { join } from 'node:path'
import type { Config } from '../../config/config.ts'
import { DEFAULT_LABEL_RULES } from '../../labels/default-rules.ts'
import { labelsFor } from '../../labels/labels-for.ts'
import type { Store } from '../../model/store.ts'
import type { DeviceWorker } from '../../daemon/device-worker.ts'
import type { DeviceFacts } from '../../house/device-facts.ts'
import { createKnownChannels, type ChannelSource, type KnownChannels } from '../../house/known-channels.ts'
import { openHistory, type OpenHistory } from '../../house/open-house.ts'
import type { Surroundings } from '../open-store.ts'

/** The folder of what is kept of the history, in that of the state. */
export const SUMS = 'sums'

/** What the store has, to look at, with what the workers know of their devices. */
export function openView(
  config: Config,
  { store, workers }: { store: Store; workers: readonly DeviceWorker[] },
  { clock, log }: Pick<Surroundings, 'clock' | 'log'>,
): OpenHistory {
  const channels = createKnownChannels(
    workers.map((worker) => sourceOf(config, worker)),
    { store, clock, metric: config.metric, lookbackMs: config.lookbackMs },
  )
  return openHistory({
    store,
    house: config.house,
    devices: workers.map((worker) => factsOf(worker, channels)),
    channels,
    clock,
    log,
    folder: join(config.stateDir, SUMS),
  })
}

function sourceOf(config: Config, { name, context: { settings, memory } }: DeviceWorker): ChannelSource {
  const names = { device: settings.deviceName, rules: config.rules ?? DEFAULT_LABEL_RULES }
  const configured = settings.channels
    ?.filter(({ unit }) => unit === 'watts')
    .map((channel) => labelsFor(channel, names))
  return {
    name,
    found: () => memory.seen?.targets.filter(({ channel }) => channel.unit === 'watts').map(({ labels }) => labels),
    ...(configured && { configured }),
  }
}

function factsOf({ name, context, health, isLoaded }: DeviceWorker, channels: KnownChannels): DeviceFacts {
  const { memory } = context
  return {
    name,
    wantedFromMs: (key) => memory.seen?.targets.find((target) => target.key === key)?.wanted.fromMs,
    storedUntilMs: () => health().lastPass?.storedUntilMs ?? channels.storedUntilMs(name),
    unmeasured: () => memory.unmeasured,
    isLoaded,
  }
}
