import type { Alert } from '../../api/alerts.ts'
import type { DeviceDetail, Devices, DeviceState, Status } from '../../api/daemon.ts'
import type { Daemon, DeviceHealth } from '../../model/daemon.ts'
import type { House } from '../../model/house-views.ts'
import type { Clock } from '../../runtime/clock.ts'

export interface StatusSources {
  readonly daemon: Daemon
  readonly history: House
  readonly clock: Clock
  readonly version: string
  readonly isDemo: boolean
  readonly maxAgeMs: number
  readonly intervalMs: number
  /** Those that are open; left out where nothing is watched. */
  readonly openAlerts?: (() => readonly Alert[]) | undefined
  /** Of each device, without secrets. */
  readonly configured: ReadonlyMap<string, Pick<DeviceDetail, 'url' | 'labels'>>
}

export function showStatus({
  daemon,
  history,
  clock,
  version,
  isDemo,
  maxAgeMs,
  intervalMs,
  openAlerts,
}: StatusSources): Status {
  const { startedAtMs, shard, devices } = daemon.status()
  const { name, state, failure } = daemon.store()
  return {
    nowMs: clock.nowMs(),
    startedAtMs,
    version,
    isDemo,
    timezone: history.zone.name,
    maxAgeMs,
    intervalMs,
    store: { name, state, ...(failure && { failure }) },
    ...(shard && { shard }),
    devices: devices.map(showDevice),
    sums: history.sums(),
    ...(openAlerts && { alerts: openAlerts() }),
  }
}

export function showDevices({ daemon, history, configured }: StatusSources): Devices {
  const seriesCount = history.channelCount()
  return {
    devices: daemon.details().map(({ lastPass, ...device }) => ({
      ...device,
      ...showDevice({ ...device, ...(lastPass && { lastPass }) }),
      ...(configured.get(device.name) ?? { url: '' }),
    })),
    store: { ...daemon.store(), seriesCount },
  }
}

function showDevice({ name, state, lastPass, failure, history, nextPassMs, live }: DeviceHealth): DeviceState {
  return {
    name,
    state,
    history,
    ...(nextPassMs !== undefined && { nextPassMs }),
    ...(failure && { failure }),
    ...(lastPass && showPass(lastPass)),
    ...(live && { live }),
  }
}

function showPass({ storedUntilMs, ...lastPass }: NonNullable<DeviceHealth['lastPass']>) {
  return { storedUntilMs, lastPass }
}
