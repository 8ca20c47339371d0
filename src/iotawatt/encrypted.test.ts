import { readFile } from 'node:fs/promises'
import { request } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { systemClock } from '../runtime/clock.ts'
import { silentLog } from '../runtime/log.ts'
import { loadCardFixture, RECORDED_AT_MS } from '../simulator/fixtures/load-fixtures.ts'
import { type ServedDevice, serveSimulatedDevice } from '../../test/doubles/serve-simulated-device.ts'
import { createSimulatedDevice } from '../../test/doubles/simulated-device.ts'
import { cardSource } from '../simulator/start-simulator.ts'
import { openIotawatt } from './open-iotawatt.ts'

/** A certificate for 127.0.0.1 that only tests use; it signs itself. */
const fixture = (name: string) =>
  readFile(new URL(`../store/victoriametrics/fixtures/${name}`, import.meta.url), 'utf8')

let served: ServedDevice
let proxy: ReturnType<typeof createServer>
let ca: string
beforeAll(async () => {
  const source = cardSource(loadCardFixture('iwatt5'))
  served = await serveSimulatedDevice(createSimulatedDevice({ source, clock: { nowMs: () => RECORDED_AT_MS } }))
  ca = await fixture('localhost-cert.pem')
  proxy = createServer({ key: await fixture('localhost-key.pem'), cert: ca }, ({ url }, response) => {
    request(served.url + url, (answer) => answer.pipe(response.writeHead(answer.statusCode ?? 502))).end()
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
})
afterAll(async () => {
  await new Promise((resolve) => proxy.close(resolve))
  await served.close()
})

async function statusThrough(trusted?: string) {
  const { port } = proxy.address() as AddressInfo
  const options = { name: 'iwatt5', url: `https://127.0.0.1:${port}`, ca: trusted }
  const device = openIotawatt(options, { clock: systemClock, log: silentLog, random: () => 0, isBrief: true })
  try {
    return await device.status(new AbortController().signal)
  } finally {
    await device.close()
  }
}

it('a device behind a proxy that speaks https answers where its certificate is trusted', async () => {
  await expect(statusThrough(ca)).resolves.toMatchObject({ name: 'iwatt5' })
})

it('where it is not, the certificate is named as the reason, and what to do', async () => {
  await expect(statusThrough()).rejects.toMatchObject({
    reason: 'unreachable',
    message: expect.stringContaining('no trusted connection (DEPTH_ZERO_SELF_SIGNED_CERT)'),
    hint: expect.stringContaining('as caFile'),
  })
})
