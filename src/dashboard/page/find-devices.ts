import type { DeviceState } from '../api/answers.ts'

/** What a device is found by; labels where the configuration has any. */
export type Findable = Pick<DeviceState, 'name'> & { readonly labels?: Readonly<Record<string, string>> }

export interface TroubleFacts {
  readonly nowMs: number
  readonly maxAgeMs: number
  /** Names of devices with missing minutes. */
  readonly missing: ReadonlySet<string>
}

/** Those whose name and labels (`site=north`) hold every word, in any case. */
export function findDevices<Device extends Findable>(devices: readonly Device[], text: string): readonly Device[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  return devices.filter(({ name, labels = {} }) => {
    const all = [name, ...Object.entries(labels).map(([key, value]) => `${key}=${value}`)].join(' ').toLowerCase()
    return words.every((word) => all.includes(word))
  })
}

/** Failing ones, late ones or those with missing minutes, unfinished ones, the others; each by name. */
export function troubleFirst<Device extends DeviceState>(
  devices: readonly Device[],
  facts: TroubleFacts,
): readonly Device[] {
  const { compare } = new Intl.Collator(undefined, { numeric: true })
  return devices
    .map((device) => ({ device, rank: rankOf(device, facts) }))
    .toSorted((one, other) => one.rank - other.rank || compare(one.device.name, other.device.name))
    .map(({ device }) => device)
}

function rankOf({ name, state, storedUntilMs, history }: DeviceState, { nowMs, maxAgeMs, missing }: TroubleFacts) {
  if (state === 'failing') return 0
  if (missing.has(name) || (storedUntilMs !== undefined && nowMs - storedUntilMs > maxAgeMs)) return 1
  return state === 'starting' || storedUntilMs === undefined || history.state !== 'done' ? 2 : 3
}
