import { type DeviceServer, serveDevice, type ServeOptions } from '../../src/simulator/serve-device.ts'
import type { SimulatedDevice } from './simulated-device.ts'

export interface ServedDevice extends DeviceServer {
  readonly device: SimulatedDevice
  /** Off: connections are refused. */
  setPower(power: 'on' | 'off'): Promise<void>
}

/** Serves a device that a test can switch off and on again, at the same address. */
export async function serveSimulatedDevice(device: SimulatedDevice, options: ServeOptions = {}): Promise<ServedDevice> {
  const counted = { ...options, onRequest: device.beginRequest, onAnswered: device.endRequest }
  let server: DeviceServer | undefined = await serveDevice(device, counted)
  const { url } = server

  async function close(): Promise<void> {
    const closing = server
    server = undefined
    await closing?.close()
  }

  return {
    device,
    url,
    async setPower(power) {
      device.setPower(power)
      if (power === 'off') await close()
      else server ??= await serveDevice(device, { ...counted, port: Number(new URL(url).port) })
    },
    close,
  }
}
