import type { DeviceConfig } from '../config/config.ts'
import { type IotawattDeps, type IotawattOptions, openIotawatt } from '../iotawatt/open-iotawatt.ts'
import type { Device, DeviceType } from '../model/device.ts'

export type DeviceWatch = Pick<IotawattDeps, 'onAnswer' | 'onRetry'>
type DeviceOptions = Pick<IotawattOptions, 'maxDeviceLoad' | 'connectTimeoutMs' | 'timeoutMs'>

/** The one place that knows which kinds of devices there are. */
const OPENERS: Readonly<Record<DeviceType, typeof openIotawatt>> = { iotawatt: openIotawatt }

/** Nothing is asked before the first question. */
export function openDevice(
  { type, name, url, auth, ca }: DeviceConfig,
  options: DeviceOptions,
  deps: IotawattDeps,
): Device {
  const login = auth && { username: auth.username, password: auth.password.reveal() }
  return OPENERS[type]({ name, url, ca, auth: login, ...options }, deps)
}
