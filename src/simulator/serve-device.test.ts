import { connect } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import type { DeviceFault } from '../../test/doubles/device-fault.ts'
import { loadCardFixture, loadRecordings, RECORDED_AT_MS, RECORDED_MAC } from './fixtures/load-fixtures.ts'
import { maskMoments } from './fixtures/mask-moments.ts'
import { type ServedDevice, serveSimulatedDevice } from '../../test/doubles/serve-simulated-device.ts'
import type { ServeOptions } from './serve-device.ts'
import { createSimulatedDevice, type SimulatedDeviceOptions } from '../../test/doubles/simulated-device.ts'
import { cardSource } from './start-simulator.ts'

const MINUTES = '/query?select=[time.utc.unix,Mains_1]&begin=1717196400&end=1717200000&group=1m&header=yes'

let served: ServedDevice | undefined

async function serve(device: Partial<SimulatedDeviceOptions> = {}, options: ServeOptions = {}): Promise<ServedDevice> {
  const source = cardSource(loadCardFixture('iwatt5'))
  const simulated = createSimulatedDevice({ source, clock: { nowMs: () => RECORDED_AT_MS }, ...device })
  served = await serveSimulatedDevice(simulated, { closeWaitMs: 100, ...options })
  return served
}

afterEach(async () => {
  await served?.close()
  served = undefined
})

interface Exchange {
  readonly text: string
  readonly error: string | undefined
}

/** Bytes in, bytes out; closes as soon as `until` is in what came back, else when the device closes. */
function exchange(url: string, sent: string, until = /$^/): Promise<Exchange> {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    let text = ''
    let error: string | undefined
    socket.on('connect', () => socket.write(sent))
    socket.on('data', (data) => {
      text += data.toString('latin1')
      if (until.test(text)) socket.destroy()
    })
    socket.on('error', (cause: NodeJS.ErrnoException) => {
      error = cause.code
    })
    socket.on('close', () => resolve({ text, error }))
  })
}

const COMPLETE = /\r\n0\r\n\r\n$/
const request = (path: string, version = '1.1') => `GET ${path} HTTP/${version}\r\nHost: device\r\n\r\n`

/** The status line, headers and body of a raw answer; with its chunks put together. */
function parseAnswer(text: string) {
  const end = text.indexOf('\r\n\r\n')
  const [statusLine = '', ...lines] = text.slice(0, end).split('\r\n')
  const headers = lines.map((line): readonly [string, string] => {
    const colon = line.indexOf(': ')
    return [line.slice(0, colon), line.slice(colon + 2)]
  })
  const chunked = headers.some(([name]) => name === 'Transfer-Encoding')
  const rest = text.slice(end + 4)
  return { statusLine, headers, chunks: chunked ? parseChunks(rest) : [rest] }
}

function parseChunks(text: string): string[] {
  const chunks: string[] = []
  for (let at = 0; ;) {
    const lineEnd = text.indexOf('\r\n', at)
    const length = Number.parseInt(text.slice(at, lineEnd), 16)
    if (!/^[0-9a-f]+$/.test(text.slice(at, lineEnd))) throw new Error(`no chunk at ${at}`)
    if (length === 0) return chunks
    chunks.push(text.slice(lineEnd + 2, lineEnd + 2 + length))
    at = lineEnd + 2 + length + 2
  }
}

describe('recorded answers over a socket', () => {
  it.each(['iwatt5', 'iwatt6', 'lab'] as const)('%s', async (name) => {
    const { url, device } = await serve({ source: cardSource(loadCardFixture(name)), mac: RECORDED_MAC })
    const recordings = loadRecordings(name)
    for (const recording of recordings) {
      const chunked = recording.headers.some(([header]) => header === 'Transfer-Encoding')
      const length = Buffer.byteLength(recording.body)
      const end = chunked ? COMPLETE : new RegExp(`\\r\\n\\r\\n[^]{${Math.max(0, length - 40)}}`)
      const { statusLine, headers, chunks } = parseAnswer((await exchange(url, request(recording.path), end)).text)
      const status = Number(statusLine.split(' ')[1])
      const answer = { ...recording, status, headers, body: chunks.join('') }
      expect(statusLine).toMatch(/^HTTP\/1\.1 \d+ [A-Z]/)
      expect(maskMoments(answer)).toEqual(maskMoments(recording))
      if (chunked) expect(chunks.slice(0, -1).every((chunk) => chunk.length === 1440)).toBe(true)
    }
    expect(device.counters()).toMatchObject({ requests: recordings.length, mostAtOnce: 1 })
  })
})

it('sends chunks of 1440 bytes, the last one shorter, their lengths in small letters', async () => {
  const { url } = await serve()
  const { text } = await exchange(url, request(`${MINUTES}&limit=none`.replace('1717196400', '1717192800')), COMPLETE)
  expect(text).toContain('\r\nConnection: close\r\n\r\n5a0\r\n{"range"')
  expect(parseAnswer(text).chunks.at(-1)?.length).toBeLessThan(1440)
})

it('answers HTTP/1.0 without chunks and without a length, and closes', async () => {
  const { url } = await serve()
  const { statusLine, headers, chunks } = parseAnswer((await exchange(url, request(MINUTES, '1.0'))).text)
  expect(statusLine).toBe('HTTP/1.0 200 OK')
  expect(headers).toEqual([
    ['Content-Type', 'application/json'],
    ['Connection', 'close'],
  ])
  expect(chunks[0]).toMatch(/^\{"range".*\]\}$/s)
})

it('answers only the first of two requests on one connection', async () => {
  const { url } = await serve()
  const { text } = await exchange(url, request('/nullreq') + request('/nullreq'))
  expect(text.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(1)
})

describe('one connection at a time', () => {
  it('a request waits for the query before it', async () => {
    const { url, device } = await serve({ readCostMs: 5 })
    const order: string[] = []
    const long = exchange(url, request(MINUTES), COMPLETE).then(() => order.push('query'))
    const short = exchange(url, request('/nullreq'), /\r\n\r\n/).then(() => order.push('short'))
    await Promise.all([long, short])
    expect(order).toEqual(['query', 'short'])
    expect(device.counters()).toMatchObject({ mostAtOnce: 2, longestMs: 305 })
  })

  it('a query whose client has gone away runs to its end', async () => {
    const { url, device } = await serve({ readCostMs: 5 })
    const startMs = performance.now()
    await exchange(url, request(MINUTES), /HTTP/)
    await exchange(url, request('/nullreq'), /\r\n\r\n/)
    expect(performance.now() - startMs).toBeGreaterThan(290)
    expect(device.counters().mostAtOnce).toBe(2)
  })

  it('requests one after the other are never two at once', async () => {
    const { url, device } = await serve()
    for (let count = 0; count < 20; count++) await (await fetch(`${url}/status?stats=`)).text()
    expect(device.counters()).toMatchObject({ requests: 20, mostAtOnce: 1 })
  })

  it('a client that sends nothing is dropped after a while', async () => {
    const { url } = await serve({}, { idleWaitMs: 80 })
    const silent = exchange(url, '')
    expect((await exchange(url, request('/nullreq'), /\r\n\r\n/)).text).toContain('200 OK')
    expect((await silent).text).toBe('')
  })

  it('a client that keeps its end open is closed after a while', async () => {
    const { url } = await serve({}, { closeWaitMs: 60 })
    const startMs = performance.now()
    await exchange(url, request('/nullreq'))
    expect(performance.now() - startMs).toBeGreaterThan(55)
  })
})

describe('what arrives of a fault', () => {
  it.each<[DeviceFault, RegExp, string | undefined]>([
    [{ kind: 'refused' }, /^$/, 'ECONNRESET'],
    [{ kind: 'reset-before' }, /^$/, 'ECONNRESET'],
    [{ kind: 'reset-after' }, /^$/, 'ECONNRESET'],
    [{ kind: 'cut', sentBytes: 700 }, /\r\n\r\n[0-9a-f]+\r\n\{"range"[^]*(?<!0\r\n\r\n)$/, undefined],
    [{ kind: 'shortened', sentBytes: 9 }, /\r\n9\r\n\{"range":\r\n0\r\n\r\n$/, undefined],
    [{ kind: 'status', status: 503 }, /^HTTP\/1\.1 503 Service Unavailable\r\n/, undefined],
    [{ kind: 'garbage' }, /It works!/, undefined],
    [{ kind: 'delay', delayMs: 20 }, COMPLETE, undefined],
  ])('%o', async (fault, text, error) => {
    const { url } = await serve({ before: () => fault })
    const seen = await exchange(url, request(MINUTES))
    expect(seen.text).toMatch(text)
    expect(seen.error).toBe(error)
  })

  it('a crash resets the connection', async () => {
    const { url } = await serve()
    expect(await exchange(url, request('/query?=x&a=b'))).toEqual({ text: '', error: 'ECONNRESET' })
  })
})

it('switched off refuses connections, and answers at the same address when it is on again', async () => {
  const { url, setPower } = await serve()
  await setPower('off')
  expect((await exchange(url, request('/nullreq'))).error).toBe('ECONNREFUSED')
  await setPower('on')
  expect((await exchange(url, request('/nullreq'), /\r\n\r\n/)).text).toContain('200 OK')
})

it('closes at once, also in the middle of a query', async () => {
  const { url, device, close } = await serve({ readCostMs: 3_600_000 })
  const asked = exchange(url, request(MINUTES))
  await expect.poll(() => device.counters().mostAtOnce).toBe(1)
  await close()
  expect((await asked).text).not.toMatch(COMPLETE)
})
