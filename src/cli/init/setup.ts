import type { Secret } from '../../config/secret.ts'
import type { DeviceChannel } from '../../model/device.ts'

/** Everything that the file will say: found out, and told. */
export interface Setup {
  readonly devices: readonly DeviceSetup[]
  readonly store: StoreSetup
}

export interface DeviceSetup {
  readonly name: string
  readonly url: string
  readonly login?: Login
  /** As it is written; left out: all of the device's log. */
  readonly since?: string
  /** The first record of its log. */
  readonly firstMs: number
  /** All that it lists. */
  readonly channels: readonly DeviceChannel[]
  /** The names of those that are copied. */
  readonly wanted: ReadonlySet<string>
}

export type StoreSetup =
  { readonly type: 'embedded' } | { readonly type: 'victoriametrics'; readonly url: string; readonly login?: Login }

export type Login =
  | { readonly kind: 'password'; readonly username: string; readonly secret: Secret }
  | { readonly kind: 'token'; readonly secret: Secret }
  /** Variables give it, when this program is run as well as now: the file says nothing. */
  | { readonly kind: 'environment' }

/** Whether both are the same device, at two addresses: its log begins with the same record. */
export function areSame(a: SeenDevice, b: SeenDevice): boolean {
  const names = ({ channels }: SeenDevice) => JSON.stringify(channels.map(({ name }) => name))
  return a.firstMs === b.firstMs && names(a) === names(b)
}

type SeenDevice = Pick<DeviceSetup, 'firstMs' | 'channels'>
