import { DeviceError } from '../model/device.ts'
import { NOT_IOTAWATT } from './answer-problem.ts'
import type { Connection } from './connection.ts'

const MAX_CONFIG_BYTES = 64 * 1024

/** The device's own hash of its configuration, which only its administrator may read when it has a password. */
export async function configFingerprint(
  connection: Connection,
  { timeoutMs, signal }: { timeoutMs: number; signal: AbortSignal },
): Promise<string | undefined> {
  const question = {
    path: '/config.txt',
    text: '/config.txt',
    timeoutMs,
    maxBytes: MAX_CONFIG_BYTES,
    adminOnly: true,
  }
  const { status, headers } = await connection.get(question, signal)
  if (status === 401 || status === 403 || status === 404) return undefined
  const asked = `${connection.name}: GET ${connection.address}${question.text}`
  if (status !== 200) throw new DeviceError('bad-answer', `${asked}: ${status}`, { hint: NOT_IOTAWATT })
  return headers['x-configsha256']
}
