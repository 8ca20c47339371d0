import { readFile } from 'node:fs/promises'
import { createServer } from 'node:https'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { undiciTransport } from '../../iotawatt/transport.ts'
import { systemClock } from '../../runtime/clock.ts'
import { silentLog } from '../../runtime/log.ts'
import { startFakeServer } from '../../../test/doubles/fake-server.ts'
import { openVictoriaMetrics } from './open-victoriametrics.ts'

const signal = new AbortController().signal
const batch = [{ labels: { __name__: 'power', device: 'd' }, timestampsMs: [60_000, 120_000], values: [1, 2.5] }]

/** A certificate for 127.0.0.1 that only tests use; it signs itself. */
const fixture = (name: string) => readFile(new URL(`fixtures/${name}`, import.meta.url), 'utf8')

describe('an encrypted way', () => {
  const seen: { encoding: string | undefined; length: string | undefined; text: string }[] = []
  let ca: string
  let url: string
  let server: ReturnType<typeof createServer>

  beforeAll(async () => {
    ca = await fixture('localhost-cert.pem')
    server = createServer({ key: await fixture('localhost-key.pem'), cert: ca }, (request, response) => {
      const parts: Buffer[] = []
      request.on('data', (part: Buffer) => parts.push(part))
      request.on('end', () => {
        const { 'content-encoding': encoding, 'content-length': length } = request.headers
        if (request.url === '/api/v1/import')
          seen.push({ encoding, length, text: gunzipSync(Buffer.concat(parts)).toString() })
        response.writeHead(204).end()
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    url = `https://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
  })
  afterAll(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })

  const open = (options: { ca?: string }) =>
    openVictoriaMetrics({ url, ...options }, { clock: systemClock, log: silentLog, random: () => 0 })

  test('with its certificate: bodies are compressed, and complete', async () => {
    const store = open({ ca })
    await store.write(batch, signal)
    await store.close()
    expect(seen).toEqual([
      {
        encoding: 'gzip',
        length: expect.stringMatching(/^\d+$/),
        text: '{"metric":{"__name__":"power","device":"d"},"values":[1,2.5],"timestamps":[60000,120000]}\n',
      },
    ])
  })

  test('without it: nothing is sent, and the certificate is named as the reason', async () => {
    const store = open({})
    await expect(store.write(batch, signal)).rejects.toMatchObject({
      reason: 'unreachable',
      ambiguous: false,
      message: expect.stringContaining('CERT'),
      hint: expect.stringContaining('caFile'),
    })
    await store.close()
  })

  test('without it, whatever the environment says: nothing is sent', async () => {
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0')
    const store = open({})
    await expect(store.write(batch, signal)).rejects.toMatchObject({ message: expect.stringContaining('CERT') })
    await store.close()
    const device = undiciTransport(new URL(url), { connectTimeoutMs: 60_000, idleTimeoutMs: 60_000 })
    await expect(device.get('/', { headers: {}, timeoutMs: 60_000, maxBytes: 10, signal })).rejects.toMatchObject({
      failure: 'unreachable',
      asked: false,
      message: expect.stringContaining('no trusted connection'),
    })
    vi.unstubAllEnvs()
  })

  test('with its certificate alone: no other authority is trusted beside it', async () => {
    const { rootCertificates } = await import('node:tls')
    const store = open({ ca: rootCertificates[0] ?? '' })
    await expect(store.write(batch, signal)).rejects.toMatchObject({ reason: 'unreachable' })
    await store.close()
  })
})

test('https where the port speaks plain http is reported in words', async () => {
  const server = await startFakeServer((_, response) => response.end())
  const store = openVictoriaMetrics(
    { url: server.url.replace('http:', 'https:') },
    { clock: systemClock, log: silentLog, random: () => 0 },
  )
  await expect(store.write(batch, signal)).rejects.toMatchObject({
    reason: 'unreachable',
    ambiguous: false,
    message: expect.stringMatching(/: this port speaks plain http, not https$/),
    hint: 'write http:// in the address of the store',
  })
  await store.close()
  await server.stop()
})
