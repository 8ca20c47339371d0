import { afterEach, describe, expect, test } from 'vitest'
import { byPath, type FakeAnswer, startFakeServer, type FakeServer } from '../../../test/doubles/fake-server.ts'
import { DEFAULT_TEMPLATES } from '../../model/point-template.ts'
import type { Store } from '../../model/store.ts'
import { DAY_MS, HOUR_MS } from '../../model/time-window.ts'
import { systemClock } from '../../runtime/clock.ts'
import { silentLog } from '../../runtime/log.ts'
import { openInfluxDb } from './open-influxdb.ts'

const T0 = Date.UTC(2024, 4, 1)
const MAINS = { __name__: 'power', device: 'house', location: 'Mains_1' }
const window = { fromMs: T0, untilMs: T0 + HOUR_MS }
const never = new AbortController().signal

const POLICIES = `{"results":[{"statement_id":0,"series":[{"columns":["name","duration","shardGroupDuration","replicaN","default"],"values":[["autogen","0s","168h0m0s",1,true]]}]}]}\n`
const NO_POLICY = POLICIES.replace(/"values":.*?\]\]/, '"values":[]')
const buckets = (...rules: readonly number[]) =>
  JSON.stringify({
    buckets: [
      { id: '0a1b', name: 'energy', retentionRules: rules.map((everySeconds) => ({ type: 'expire', everySeconds })) },
    ],
  })

let server: FakeServer
let store: Store
/** What is known of 2.x by its documentation and source: no real one is asked. */
async function open(answers: Readonly<Record<string, string | FakeAnswer>>): Promise<void> {
  server = await startFakeServer(byPath(answers))
  store = openInfluxDb(
    {
      url: server.url,
      target: { version: '2.x', organization: 'home', bucket: 'energy', token: 'hunter2token' },
      templates: DEFAULT_TEMPLATES,
      channels: { devices: [], units: new Map(), labelsOf: () => ({}) },
    },
    { clock: { ...systemClock, sleep: () => Promise.resolve() }, log: silentLog, random: () => 0 },
  )
}
afterEach(async () => {
  await store.close()
  await server.stop()
})

const refuse =
  (status: number, body: object): FakeAnswer =>
  (_, response) =>
    void response.writeHead(status).end(JSON.stringify(body))

describe('an InfluxDB 2.x', () => {
  test('is asked with its token, by InfluxQL, and written by its own address', async () => {
    const seen: (string | undefined)[] = []
    const noting =
      (status: number, body: string): FakeAnswer =>
      (request, response) => {
        seen.push(request.url, request.headers.authorization)
        response.writeHead(status).end(body)
      }
    await open({ '/query': noting(200, '{"results":[{"statement_id":0}]}\n'), '/api/v2/write': noting(204, '') })
    expect(await store.readSamples([MAINS], window, never)).toEqual([{ labels: MAINS, timestampsMs: [], values: [] }])
    await store.write([{ labels: MAINS, timestampsMs: [T0], values: [1.5] }], never)
    expect(seen).toEqual([
      '/query?db=energy&epoch=ms&chunked=true',
      'Token hunter2token',
      '/api/v2/write?org=home&bucket=energy&precision=ms',
      'Token hunter2token',
    ])
    expect(server.bodies[1]).toBe(`power,device=house,location=Mains_1 value=1.5 ${T0}\n`)
  })

  test.each([
    ['for ever', buckets(), 0],
    ['for ever, as it is also written', buckets(0), 0],
    ['for thirty days', buckets(30 * 86_400), 30 * DAY_MS],
  ])('tells by its bucket that it keeps samples %s', async (_, answer, keepsMs) => {
    await open({ '/api/v2/buckets': answer, '/query': POLICIES })
    const { retainsFromMs = NaN, clockMs = NaN } = await store.status(never)
    expect(retainsFromMs).toBe(keepsMs === 0 ? 0 : clockMs - keepsMs)
  })

  test.each<[string, Readonly<Record<string, string | FakeAnswer>>, object]>([
    [
      'whose bucket is not there',
      { '/api/v2/buckets': '{"buckets":[]}' },
      { reason: 'rejected', hint: expect.stringContaining('influx bucket create -n energy -o home') },
    ],
    [
      'whose bucket is not there, as others say it',
      { '/api/v2/buckets': refuse(404, { code: 'not found', message: 'bucket "energy" not found' }) },
      { reason: 'rejected', hint: expect.stringContaining('influx bucket create -n energy -o home') },
    ],
    [
      'without a database that is mapped to the bucket',
      { '/api/v2/buckets': buckets(), '/query': NO_POLICY },
      { reason: 'rejected', hint: expect.stringContaining('--bucket-id 0a1b -o home') },
    ],
    [
      'that does not know the token',
      { '/api/v2/buckets': refuse(401, { code: 'unauthorized', message: 'unauthorized access: hunter2token' }) },
      {
        reason: 'unauthorized',
        message: expect.stringMatching(/unauthorized access: \*\*\*$/),
        hint: expect.stringContaining('store.token'),
      },
    ],
  ])('%s is named with what to do', async (_, answers, error) => {
    await open(answers)
    await expect(store.status(never)).rejects.toMatchObject(error)
  })

  test('deletes nothing, and reports it before it is asked to', async () => {
    await open({})
    expect(store.cannotDelete).toMatch(/influx delete/)
    await expect(store.deleteSeries(MAINS, never)).rejects.toMatchObject({ reason: 'rejected' })
    expect(server.asked).toEqual([])
  })
})

describe('an answer that is only a part of it', () => {
  const rows = (partial: string) =>
    `{"results":[{"statement_id":0,"series":[{"name":"power","tags":{"device":"house","location":"Mains_1"},"columns":["time","v"],"values":[[${T0},1]]}]${partial}}]}\n`

  test.each<[string, string | FakeAnswer, string]>([
    ['nothing', '', 'unavailable'],
    ['ends after a part', rows(',"partial":true'), 'unavailable'],
    ['ends within a line', rows('').slice(0, 60), 'unavailable'],
    [
      'breaks off',
      (_, response) =>
        void (
          response.writeHead(200),
          response.write(rows(',"partial":true')),
          setTimeout(() => response.destroy(), 20)
        ),
      'unreachable',
    ],
    ['an error within', '{"results":[{"statement_id":0,"error":"timeout"}]}\n', 'rejected'],
    [
      'an error after a part',
      `${rows(',"partial":true')}{"results":[{"statement_id":0,"error":"engine is closed"}]}\n`,
      'rejected',
    ],
    ['an error beside', '{"error":"shard 5 not found"}\n', 'rejected'],
    ['a web page', '<html>log in</html>', 'bad-answer'],
    ['JSON of another program', '{"status":"success"}', 'bad-answer'],
    ['no number', rows('').replace(',1]', ',"1"]'), 'bad-answer'],
    ['a redirect', (_, response) => void response.writeHead(302, { location: 'https://sso/login' }).end(), 'rejected'],
    ['too many questions', refuse(429, { error: 'max-concurrent-queries limit exceeded(1, 1)' }), 'unavailable'],
  ])('%s is an error, and never no samples', async (_, answer, reason) => {
    await open({ '/query': answer })
    await expect(store.readSamples([MAINS], window, never)).rejects.toMatchObject({ name: 'StoreError', reason })
  })

  test('a write whose answer is lost is in doubt, and not repeated', async () => {
    await open({ '/api/v2/write': (_, response) => void response.destroy() })
    const writing = store.write([{ labels: MAINS, timestampsMs: [T0], values: [1] }], never)
    await expect(writing).rejects.toMatchObject({ reason: 'unreachable', ambiguous: true })
    expect(server.asked).toEqual(['POST /api/v2/write'])
  })
})
