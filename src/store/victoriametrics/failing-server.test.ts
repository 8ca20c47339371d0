import { createServer } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterEach, describe, expect, test } from 'vitest'
import type { Labels, SeriesSamples } from '../../model/series.ts'
import { StoreError, type Store } from '../../model/store.ts'
import { DAY_MS, MINUTE_MS } from '../../model/time-window.ts'
import { systemClock, type Clock } from '../../runtime/clock.ts'
import { silentLog, type Log } from '../../runtime/log.ts'
import { byPath, startFakeServer, status, type FakeAnswer, type FakeServer } from '../../../test/doubles/fake-server.ts'
import { openVictoriaMetrics } from './open-victoriametrics.ts'
import type { VictoriaMetricsOptions } from './connection.ts'

const T0 = Date.UTC(2024, 4, 1)
const signal = new AbortController().signal
const labels = { __name__: 'power', device: 'd', location: 'Dryer' }
const batch: readonly SeriesSamples[] = [{ labels, timestampsMs: [T0], values: [1] }]
const window = { fromMs: T0, untilMs: T0 + 2 * MINUTE_MS }
const SUCCESS = '{"status":"success","data":{"resultType":"vector","result":[]}}'
const HTML = '<!DOCTYPE html><html><body>Welcome</body></html>'
/** What a proxy lets through at least. */
const PROXIED = { '/api/v1/query': SUCCESS, '/api/v1/import': status(204) }
const SINGLE_NODE = [
  'flag{name="retentionPeriod", value="1", is_set="false"} 1',
  'flag{name="maxBackfillAge", value="0s", is_set="false"} 1',
  'flag{name="dedup.minScrapeInterval", value="0s", is_set="false"} 1',
  'flag{name="insert.maxQueueDuration", value="2m0s", is_set="true"} 1',
  'process_start_time_seconds 1795427294',
  'vm_storage_is_read_only{path="/x"} 0',
].join('\n')

/** Long for a server in this process, however busy the machine is. Who falls silent is given up sooner. */
const [PATIENCE_MS, SILENCE_MS] = [60_000, 2_000]
const patienceFor = (answer: FakeAnswer | string) => ({
  answerTimeoutMs: answer === silence || answer === dripping ? SILENCE_MS : PATIENCE_MS,
})

const opened: (Store | { close(): Promise<void> })[] = []
afterEach(async () => {
  for (const each of opened.splice(0).toReversed()) await each.close()
})

/** Pauses are over at once, and are remembered. */
function quickClock(): Clock & { readonly pausesMs: number[] } {
  const pausesMs: number[] = []
  return {
    pausesMs,
    nowMs: systemClock.nowMs,
    sleep: (durationMs, asked) => {
      asked.throwIfAborted()
      pausesMs.push(durationMs)
      return Promise.resolve()
    },
  }
}

async function serve(answer: FakeAnswer): Promise<FakeServer> {
  const server = await startFakeServer(answer)
  opened.push({ close: () => server.stop() })
  return server
}

function open(options: VictoriaMetricsOptions, clock: Clock = quickClock(), log: Log = silentLog): Store {
  const store = openVictoriaMetrics({ answerTimeoutMs: PATIENCE_MS, ...options }, { clock, log, random: () => 0.5 })
  opened.push(store)
  return store
}

const reset: FakeAnswer = (request) => request.socket.resetAndDestroy()
const silence: FakeAnswer = () => {}
const dripping: FakeAnswer = (_, response) => {
  response.writeHead(200)
  const timer = setInterval(() => response.write(' '), 20)
  response.on('close', () => clearInterval(timer))
}
const packed: FakeAnswer = (_, response) => {
  response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(SUCCESS))
}
const cutBody: FakeAnswer = (_, response) => {
  response.writeHead(200, { 'content-length': '1000' })
  response.write('{"status":"suc', () => response.destroy())
}

describe('a write', () => {
  test.each([
    ['500', status(500, 'boom'), { reason: 'unavailable', ambiguous: true, mayLandForMs: 130_000 }],
    ['503 of a proxy', status(503, HTML), { reason: 'unavailable', ambiguous: true, mayLandForMs: 130_000 }],
    [
      '503 of a full queue, which did nothing',
      status(503, 'cannot handle more than 4 concurrent inserts during 1m0s; possible solutions: …'),
      { reason: 'unavailable', ambiguous: false, mayLandForMs: 0 },
    ],
    ['502 of a proxy', status(502, HTML), { reason: 'unavailable', ambiguous: true, mayLandForMs: 130_000 }],
    ['no answer in time', silence, { reason: 'timeout', ambiguous: true, mayLandForMs: 130_000 }],
    ['a reset', reset, { reason: 'unreachable', ambiguous: true, mayLandForMs: 130_000 }],
    ['401', status(401, '\n'), { reason: 'unauthorized', ambiguous: false, mayLandForMs: 0 }],
    ['403', status(403), { reason: 'unauthorized', ambiguous: false }],
    ['400', status(400, 'unsupported path requested'), { reason: 'rejected', ambiguous: false }],
    ['404', status(404, HTML), { reason: 'rejected', ambiguous: false }],
    ['a redirect', status(301, '', { location: 'https://x/' }), { reason: 'rejected', ambiguous: false }],
    ['429', status(429, 'busy'), { reason: 'unavailable', ambiguous: false }],
    [
      'a store whose disk is full',
      status(503, 'the storage is in read-only mode; check -storage.minFreeDiskSpaceBytes'),
      { reason: 'read-only', ambiguous: false },
    ],
    ['a web page', status(200, HTML), { reason: 'bad-answer' }],
    ['200 in place of 204', status(200, '{}'), { reason: 'bad-answer', ambiguous: true }],
  ])('%s: is sent once, and reported as what it is', async (_, answer, expected) => {
    const server = await serve(byPath({ '/metrics': SINGLE_NODE, '/api/v1/import': answer }))
    await expect(open({ url: server.url, ...patienceFor(answer) }).write(batch, signal)).rejects.toMatchObject({
      name: 'StoreError',
      hint: expect.any(String),
      ...expected,
    })
    expect(server.asked.filter((line) => line === 'POST /api/v1/import')).toHaveLength(1)
  })

  test('20 questions at once keep 8 connections, the others wait', async () => {
    const held: (() => void)[] = []
    const sockets = new Set<unknown>()
    const server = await serve(
      byPath({
        '/api/v1/query': (request, response) => {
          sockets.add(request.socket)
          held.push(() => response.end(SUCCESS))
        },
      }),
    )
    const store = open({ url: server.url })
    const asked = Array.from({ length: 20 }, () => store.totals([labels], window, new AbortController().signal))
    await expect.poll(() => held.length).toBe(8)
    for (let answered = 0; answered < 20; answered++) {
      await expect.poll(() => held.length).toBeGreaterThan(0)
      held.shift()?.()
    }
    await Promise.all(asked)
    expect(sockets.size).toBe(8)
  })

  test('nobody listens: not ambiguous, and says what to look at', async () => {
    const store = open({ url: `http://127.0.0.1:${await unusedPort()}` })
    await expect(store.write(batch, signal)).rejects.toMatchObject({
      reason: 'unreachable',
      ambiguous: false,
      message: expect.stringMatching(/^POST http:\/\/127\.0\.0\.1:\d+\/api\/v1\/import: connection refused/),
      hint: expect.stringContaining('running'),
    })
  })

  test('a host that does not exist: not ambiguous', async () => {
    const writing = open({ url: 'http://no-such-host.invalid:8428' })
    await expect(writing.write(batch, signal)).rejects.toMatchObject({ reason: 'unreachable', ambiguous: false })
  })

  test('a store that deduplicates need not be waited for', async () => {
    const metrics = SINGLE_NODE.replace('minScrapeInterval", value="0s"', 'minScrapeInterval", value="1ms"')
    const server = await serve(byPath({ '/metrics': metrics, '/api/v1/import': reset }))
    await expect(open({ url: server.url }).write(batch, signal)).rejects.toMatchObject({
      ambiguous: true,
      mayLandForMs: 0,
    })
  })

  test('a second body that fails ends it', async () => {
    let count = 0
    const server = await serve(
      byPath({ '/api/v1/import': (_, response) => void response.writeHead(++count === 2 ? 500 : 204).end() }),
    )
    const timestampsMs = Array.from({ length: 300_000 }, (_, index) => T0 + index * MINUTE_MS)
    const big = [{ labels, timestampsMs, values: timestampsMs.map(() => 1.5) }]
    const store = open({ url: server.url })
    await expect(store.write(big, signal)).rejects.toMatchObject({ reason: 'unavailable' })
    expect(count).toBe(2)
    const lines = server.bodies[1]?.trimEnd().split('\n') ?? []
    expect(lines).toHaveLength(100)
    for (const line of lines) expect(JSON.parse(line).timestamps).toHaveLength(1000)
  })

  test('204 for rubbish: the write succeeds, and the coverage tells that nothing is there', async () => {
    const server = await serve(byPath({ '/api/v1/import': status(204), '/api/v1/query': SUCCESS }))
    const store = open({ url: server.url })
    await store.write(batch, signal)
    const [coverage] = await store.coverage([labels], window, signal)
    expect([...(coverage?.minutes ?? [])]).toEqual([0, 0])
  })

  test('an aborted write rejects with the reason of the signal', async () => {
    const controller = new AbortController()
    const reason = new Error('stopped')
    const server = await serve(byPath({ '/api/v1/import': () => controller.abort(reason) }))
    await expect(open({ url: server.url }).write(batch, controller.signal)).rejects.toBe(reason)
  })

  test('a connection that the server has closed while it was idle is not used again', async () => {
    const server = await serve((request, response) => {
      response.writeHead(204).end(() => setImmediate(() => request.socket.destroy()))
    })
    const store = open({ url: server.url })
    for (let round = 0; round < 5; round++) {
      await store.write(batch, signal)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  })
})

test('nothing that is asked, and no password, goes where a redirect points', async () => {
  const elsewhere = await serve(status(204))
  const server = await serve(status(307, '', { location: `${elsewhere.url}/api/v1/import` }))
  const store = open({ url: server.url, auth: { kind: 'bearer', token: 'hunter2' } })
  await expect(store.write(batch, signal)).rejects.toMatchObject({ reason: 'rejected' })
  await expect(store.listSeries({ metrics: ['power'], device: 'd', window }, signal)).rejects.toMatchObject({
    reason: 'rejected',
  })
  expect(elsewhere.asked).toEqual([])
})

describe('a question', () => {
  const ask = (store: Store) => store.listSeries({ metrics: ['power'], device: 'd', window }, signal)

  test.each([
    ['500', status(500, 'boom'), 'unavailable', 4],
    ['503', status(503, 'cannot fetch'), 'unavailable', 4],
    ['a reset', reset, 'unreachable', 4],
    ['a body that breaks off', cutBody, 'unreachable', 4],
    ['part of a cluster', status(200, SUCCESS.replace('{', '{"isPartial":true,')), 'partial', 4],
    ['no answer in time', silence, 'timeout', 1],
    ['an answer that never ends', dripping, 'timeout', 1],
    ['a web page', status(200, HTML), 'bad-answer', 1],
    ['what is packed though nobody asked for it', packed, 'bad-answer', 1],
    ['an empty answer', status(200, ''), 'bad-answer', 1],
    ['another kind of answer', status(200, '{"status":"success"}'), 'bad-answer', 1],
    ['an error with 200', status(200, '{"status":"error","error":"x"}'), 'bad-answer', 1],
    ['401', status(401), 'unauthorized', 1],
    ['422', status(422, '{"status":"error","errorType":"422","error":"bad"}'), 'rejected', 1],
    ['400', status(400, 'unsupported path'), 'rejected', 1],
  ] as const)('%s: is never an empty answer', async (_, answer, reason, attemptCount) => {
    const server = await serve(answer)
    await expect(ask(open({ url: server.url, ...patienceFor(answer) }))).rejects.toMatchObject({
      name: 'StoreError',
      reason,
    })
    expect(server.asked).toHaveLength(attemptCount)
  })

  test('is asked again, after growing pauses, until the store answers', async () => {
    const clock = quickClock()
    let count = 0
    const server = await serve((request, response, body) =>
      (++count < 3 ? status(503, 'later') : status(200, SUCCESS))(request, response, body),
    )
    expect(await ask(open({ url: server.url }, clock))).toEqual([])
    expect(clock.pausesMs).toEqual([500, 1000])
  })

  test.each([
    [7, 7_000],
    [30, 30_000],
    [31, 30_000],
    [86_400, 30_000],
  ])('waits as long as the store asks for (%i s), for half a minute at most', async (seconds, pauseMs) => {
    const clock = quickClock()
    let count = 0
    const server = await serve((request, response, body) =>
      (++count < 2 ? status(429, 'busy', { 'retry-after': `${seconds}` }) : status(200, SUCCESS))(
        request,
        response,
        body,
      ),
    )
    await ask(open({ url: server.url }, clock))
    expect(clock.pausesMs).toEqual([pauseMs])
  })

  test('no two questions have the same filter, and none may be answered from a cache or in part', async () => {
    const server = await serve(status(200, SUCCESS))
    const store = open({ url: server.url })
    for (let round = 0; round < 3; round++) await ask(store)
    await store.coverage([labels], { fromMs: T0, untilMs: T0 + DAY_MS + MINUTE_MS }, signal)
    const forms = server.bodies.map((body) => new URLSearchParams(body))
    const nonces = forms.map((form) => /nonce!="([^"]+)"/.exec(form.get('query') ?? '')?.[1])
    expect(nonces).not.toContain(undefined)
    expect(new Set(nonces).size).toBe(forms.length)
    for (const form of forms) expect([form.get('nocache'), form.get('deny_partial_response')]).toEqual(['1', '1'])
  })
})

describe('an export', () => {
  const counted = (count: number) =>
    `{"status":"success","data":{"result":[{"metric":${JSON.stringify(labels)},"value":[1,"${count}"]}]}}`
  const line = (timestamps: readonly number[], values: readonly unknown[] = timestamps) =>
    `${JSON.stringify({ metric: labels, values, timestamps })}\n`
  const cover = async (count: number, exported: string | FakeAnswer) => {
    const server = await serve(byPath({ '/api/v1/query': counted(count), '/api/v1/export': exported }))
    const [coverage] = await open({ url: server.url }).coverage([labels], window, signal)
    return [...(coverage?.minutes ?? [])]
  }

  test.each([
    ['two lines of one series', line([T0]) + line([T0 + MINUTE_MS]), [1, 1]],
    ['a last line without an end', line([T0]).trimEnd(), [1, 0]],
    ['an end of series is no sample', line([T0, T0 + MINUTE_MS], [1, null]), [1, 0]],
    ['another series', line([T0]) + line([T0 + MINUTE_MS]).replace('Dryer', 'Washer'), [1, 0]],
  ])('%s', async (_, exported, expected) => {
    expect(await cover(1, exported)).toEqual(expected)
  })

  test.each([
    ['fewer samples than were counted', line([T0]), 'bad-answer'],
    ['nothing, where samples were counted', '', 'bad-answer'],
    ['a line that is cut', line([T0, T0 + MINUTE_MS]).slice(0, -10), 'unavailable'],
    ['a web page', HTML, 'bad-answer'],
    ['arrays of different lengths', line([T0, T0 + MINUTE_MS], [1]), 'bad-answer'],
    ['a broken connection', cutBody, 'unreachable'],
    ['503', status(503), 'unavailable'],
  ] as const)('%s: is an error', async (_, exported, reason) => {
    await expect(cover(2, exported)).rejects.toMatchObject({ name: 'StoreError', reason })
  })

  test('one that broke off is asked again from its start', async () => {
    let count = 0
    const complete = line([T0]) + line([T0 + MINUTE_MS])
    const exported: FakeAnswer = (_, response) => {
      if (++count > 1) return void response.end(complete)
      response.writeHead(200, { 'content-length': String(complete.length) })
      response.write(line([T0]), () => setImmediate(() => response.destroy()))
    }
    expect(await cover(2, exported)).toEqual([1, 1])
    expect(count).toBe(2)
  })
})

describe('a digest of a day', () => {
  const figures = { count_over_time: 1440, tfirst_over_time: T0 / 1000, min: 60, max: 60 }
  const result = Object.entries(figures).map(([rollup, value]) => ({
    metric: { ...labels, rollup },
    values: [[(T0 + DAY_MS - 1) / 1000, String(value)]],
  }))

  test.each([
    ['long after the day it is believed', DAY_MS + 10 * MINUTE_MS, ['POST /api/v1/query_range']],
    [
      'just after the day, when the store repeats older points, it is not',
      DAY_MS + MINUTE_MS,
      ['POST /api/v1/query_range', 'POST /api/v1/query'],
    ],
  ])('%s', async (_, afterMs, asked) => {
    const date = new Date(T0 + afterMs).toUTCString()
    const digest = JSON.stringify({ status: 'success', data: { result } })
    const server = await serve(
      byPath({ '/api/v1/query_range': status(200, digest, { date }), '/api/v1/query': SUCCESS }),
    )
    await open({ url: server.url }).coverage([labels], { fromMs: T0, untilMs: T0 + DAY_MS }, signal)
    expect(server.asked).toEqual(asked)
  })
})

describe('status', () => {
  test('a single node tells of itself', async () => {
    const date = new Date(T0).toUTCString()
    const server = await serve(byPath({ ...PROXIED, '/metrics': status(200, SINGLE_NODE, { date }) }))
    expect(await open({ url: server.url }).status(signal)).toEqual({
      clockMs: T0,
      startedAtMs: 1_795_427_294_000,
      retainsFromMs: T0 - 31 * DAY_MS,
      deduplicates: false,
      keepsOneInMs: 0,
      buffers: false,
      readOnly: false,
    })
  })

  test.each([
    ['a proxy’s own metrics', status(200, 'flag{name="auth.config", value="x", is_set="true"} 1')],
    ['no permission to see them', status(401)],
    ['none', status(404)],
    ['a web page', status(200, HTML)],
  ])('%s: nothing is known, writes may be buffered, and what was refused is named', async (_, metrics) => {
    const server = await serve(byPath({ ...PROXIED, '/metrics': metrics }))
    expect(await open({ url: server.url }).status(signal)).toEqual({
      clockMs: expect.any(Number),
      buffers: true,
      refusedPaths: ['/metrics', '/internal/force_flush'],
    })
  })

  test.each(['flag{name="remoteWrite.url", value="x", is_set="true"} 1', 'flag{name="storageNode", value="x"} 1'])(
    'an agent or a node of a cluster buffers, and refuses nothing: %s',
    async (metrics) => {
      const server = await serve(byPath({ ...PROXIED, '/metrics': metrics }))
      const found = await open({ url: server.url }).status(signal)
      expect(found).toEqual({ clockMs: expect.any(Number), buffers: true })
    },
  )

  test('a login that is required is asked for at once, though the metrics are open to everybody', async () => {
    const server = await serve(
      byPath({ '/metrics': SINGLE_NODE, '/api/v1/query': status(401), '/api/v1/import': status(401) }),
    )
    await expect(open({ url: server.url }).status(signal)).rejects.toMatchObject({ reason: 'unauthorized' })
    expect(server.asked).toEqual(['GET /metrics', 'GET /api/v1/query'])
  })

  test('so is one that may not write', async () => {
    const server = await serve(
      byPath({ '/metrics': SINGLE_NODE, '/api/v1/query': SUCCESS, '/api/v1/import': status(403) }),
    )
    await expect(open({ url: server.url }).status(signal)).rejects.toMatchObject({ reason: 'unauthorized' })
  })

  test.each([
    ['a web page to everything', status(200, HTML), 'rejected'],
    ['a web page that is not found', status(404, HTML), 'rejected'],
    ['JSON of something else', status(200, '{"status":"ok"}'), 'rejected'],
    ['questions, but no writing', byPath({ '/api/v1/query': SUCCESS }), 'rejected'],
    ['questions, and a web page to a write', byPath({ ...PROXIED, '/api/v1/import': HTML }), 'rejected'],
  ] as const)('who answers %s is no VictoriaMetrics: the address is wrong', async (_, answer, reason) => {
    const server = await serve(answer)
    await expect(open({ url: server.url }).status(signal)).rejects.toMatchObject({
      reason,
      hint: expect.stringContaining('check the address of the store'),
    })
  })

  test('a single node that hides its metrics is known by its flush', async () => {
    const server = await serve(byPath({ ...PROXIED, '/internal/force_flush': '' }))
    expect(await open({ url: server.url }).status(signal)).toMatchObject({ buffers: false, refusedPaths: ['/metrics'] })
  })

  test('a cluster buffers, and is asked through its own two addresses', async () => {
    const server = await serve(
      byPath({
        '/select/0/prometheus/api/v1/query': SUCCESS,
        '/insert/0/prometheus/api/v1/import': status(204),
      }),
    )
    const store = open({ writeUrl: `${server.url}/insert/0/prometheus/`, readUrl: `${server.url}/select/0/prometheus` })
    expect(await store.status(signal)).toEqual({ clockMs: expect.any(Number), buffers: true })
    await store.write(batch, signal)
    expect(await store.persist(signal)).toBe('later')
    await store.flush(signal)
    expect(server.bodies.filter((_, index) => server.asked[index]?.includes('/import'))[0]).toBe('')
    expect(server.asked).toEqual([
      'GET /select/0/prometheus/api/v1/query',
      'POST /insert/0/prometheus/api/v1/import',
      'GET /metrics',
      'POST /insert/0/prometheus/api/v1/import',
      'GET /internal/resetRollupResultCache',
    ])
  })

  test('the vmselect of a cluster tells whether it deduplicates, and how many nodes it does not miss', async () => {
    const flags = [
      'flag{name="search.denyPartialResponse", value="false"} 1',
      'flag{name="dedup.minScrapeInterval", value="1ms"} 1',
      'flag{name="replicationFactor", value="2"} 1',
    ]
    const server = await serve(
      byPath({
        '/select/0/prometheus/api/v1/query': SUCCESS,
        '/insert/0/prometheus/api/v1/import': status(204),
        '/metrics': flags.join('\n'),
      }),
    )
    const store = open({ writeUrl: `${server.url}/insert/0/prometheus`, readUrl: `${server.url}/select/0/prometheus` })
    for (let time = 0; time < 2; time++)
      expect(await store.status(signal)).toMatchObject({ deduplicates: true, ignoresAwayNodes: 1, buffers: true })
    expect(server.asked.filter((asked) => asked === 'GET /metrics')).toHaveLength(1)
  })

  test.each([
    ['all flush', '', [500], false],
    ['one does not', 'cannot', [500, 5_000], false],
    ['they are not known', undefined, [5_000], true],
  ])('the storage nodes of a cluster are told to show what was written (%s)', async (_, second, pausesMs, waits) => {
    const nodes = [await serve(byPath({ '/internal/force_flush': '' }))]
    if (second !== undefined) nodes.push(await serve(byPath({ '/internal/force_flush': second })))
    const server = await serve(byPath({}))
    const clock = quickClock()
    const urls = { writeUrl: `${server.url}/insert/0/prometheus`, readUrl: `${server.url}/select/0/prometheus` }
    const store = open({ ...urls, ...(second !== undefined && { flushUrls: nodes.map(({ url }) => url) }) }, clock)
    expect(store.flushWaits?.()).toBe(waits)
    await store.flush(signal)
    expect(clock.pausesMs).toEqual(pausesMs)
    if (second !== undefined) for (const { asked } of nodes) expect(asked).toEqual(['GET /internal/force_flush'])
  })

  test('a write of unknown fate is not waited for where the vmselect of a cluster deduplicates', async () => {
    const flags = ['search.denyPartialResponse", value="false', 'dedup.minScrapeInterval", value="1ms']
    const server = await serve(
      byPath({
        '/select/0/prometheus/api/v1/query': SUCCESS,
        '/insert/0/prometheus/api/v1/import': (...asked) => (asked[2] === '' ? status(204) : reset)(...asked),
        '/metrics': flags.map((flag) => `flag{name="${flag}"} 1`).join('\n'),
      }),
    )
    const store = open({ writeUrl: `${server.url}/insert/0/prometheus`, readUrl: `${server.url}/select/0/prometheus` })
    await store.status(signal)
    await expect(store.write(batch, signal)).rejects.toMatchObject({ mayLandForMs: 0 })
  })

  test('the caches of all vmselects are reset; one that does not do it is named once', async () => {
    const other = await serve(byPath({ '/internal/resetRollupResultCache': '' }))
    const refusing = await serve(status(401))
    const server = await serve(byPath({ '/internal/resetRollupResultCache': '' }))
    const warnings: string[] = []
    const store = open(
      {
        writeUrl: `${server.url}/insert/0/prometheus`,
        readUrl: `${server.url}/select/0/prometheus`,
        cacheResetUrls: [server.url, other.url, refusing.url],
      },
      quickClock(),
      { ...silentLog, warn: (message) => void warnings.push(message) },
    )
    for (let time = 0; time < 2; time++) expect(await store.persist(signal)).toBe('later')
    for (const { asked } of [server, other])
      expect(asked).toEqual(Array(2).fill('GET /internal/resetRollupResultCache'))
    expect(warnings).toEqual([
      expect.stringMatching(new RegExp(`not reset at ${refusing.url}/: .*store.cacheResetUrls`)),
    ])
  })

  test.each([
    ['one node', [5, 5, 9, 9], [5_000, 5_000, 9_000, 9_000]],
    ['several that answer in turn', [5, 9, 5, 9, 5], [5_000, 9_000, undefined, undefined, undefined]],
    ['one that has just started', [100], [undefined]],
    ['a storage node of a cluster', [5], [undefined], 'flag{name="vmselectAddr", value=":1"} 1'],
  ] as [string, number[], (number | undefined)[], string?][])(
    'when it started is told only where no restart can go unseen: %s',
    async (_, starts, told, flag = '') => {
      let asked = 0
      const server = await serve((request, response) => {
        if (request.url?.includes('/query')) return response.writeHead(200).end(SUCCESS)
        if (request.url?.includes('/import')) return response.writeHead(204).end()
        const lines = [
          'flag{name="retentionPeriod", value="1"} 1',
          `process_start_time_seconds ${starts[asked++]}`,
          flag,
        ]
        return response.writeHead(200, { date: new Date(100_500).toUTCString() }).end(lines.join('\n'))
      })
      const store = open({ url: server.url })
      for (const startedAtMs of told) expect((await store.status(signal)).startedAtMs).toBe(startedAtMs)
    },
  )

  test.each([
    ['a line of an export', '{"metric":{"__name__":"power"},"values":[1,2'],
    ['the answer to a question', SUCCESS.slice(0, -9)],
  ])('what a proxy cuts and ends cleanly is asked again: %s', async (_, cut) => {
    let left = 2
    const result = [{ metric: labels, value: [(T0 + MINUTE_MS) / 1000, '1'] }]
    const counted = JSON.stringify({ status: 'success', data: { result } })
    const line = JSON.stringify({ metric: labels, values: [1], timestamps: [T0] })
    const isExport = cut.startsWith('{"metric"')
    const server = await serve((request, response) => {
      const isAsked = (request.url?.includes('/export') ?? false) === isExport
      if (isAsked && left-- > 0) response.writeHead(200).end(cut)
      else response.writeHead(200).end(request.url?.includes('/export') ? line : counted)
    })
    const [found] = await open({ url: server.url }).readSamples([labels], window, signal)
    expect(found?.values).toEqual([1])
  })

  test('a storage node that is away is named as what it is', async () => {
    const text = '{"status":"error","error":"cannot fetch data from all vmstorage nodes: 1 of 2 is unavailable"}'
    const server = await serve(status(503, text))
    await expect(open({ url: server.url }).status(signal)).rejects.toMatchObject({
      reason: 'unavailable',
      hint: expect.stringMatching(/^a storage node of the cluster is away/),
    })
  })

  test('the tenant that a multitenant address adds is no label of a series', async () => {
    const metric = { ...labels, vm_account_id: '0', vm_project_id: '0' }
    const result = [{ metric, value: [T0 / 1000, String(T0 / 1000)] }]
    const server = await serve(byPath({ '/api/v1/query': JSON.stringify({ status: 'success', data: { result } }) }))
    const found = await open({ url: server.url }).listSeries(
      { metrics: [labels.__name__], window: { fromMs: T0 - MINUTE_MS, untilMs: T0 + MINUTE_MS } },
      signal,
    )
    expect(found.map((series) => series.labels)).toEqual([labels])
  })

  test.each([
    ['500', status(500), 'unavailable'],
    ['a reset', reset, 'unreachable'],
    ['401 to everything', status(401), 'unauthorized'],
  ] as const)('%s: is an error', async (_, answer, reason) => {
    const server = await serve(answer)
    await expect(open({ url: server.url }).status(signal)).rejects.toMatchObject({ reason })
  })
})

describe('to delete a series', () => {
  /** The series are there until the first deletion that is executed. */
  function withSeries(prefix: { read: string; delete: string }, series: readonly Labels[], deletion: FakeAnswer) {
    let found = series
    return byPath({
      '/internal/force_flush': '',
      [`${prefix.read}/api/v1/series`]: (_, response) =>
        void response.end(JSON.stringify({ status: 'success', data: found })),
      [`${prefix.delete}/api/v1/admin/tsdb/delete_series`]: (request, response, body) => {
        deletion(request, response, body)
        if (response.statusCode === 204) found = []
      },
    })
  }
  const single = { read: '', delete: '' }
  const cluster = { read: '/vm/select/7:1/prometheus', delete: '/vm/delete/7:1/prometheus' }

  test('asks for it by all of its labels, and without those that others have', async () => {
    const server = await serve(withSeries(single, [labels], status(204)))
    await open({ url: server.url }).deleteSeries({ ...labels, pair: '' }, signal)
    const deletion = server.bodies[server.asked.findIndex((line) => line.endsWith('delete_series'))] ?? ''
    expect(new URLSearchParams(deletion).get('match[]')).toMatch(
      /^\{__name__="power",device="d",location="Dryer",pair="",nonce!="[^"]+"\}$/,
    )
  })

  test('of a cluster goes to the address beside that for reading', async () => {
    const server = await serve(withSeries(cluster, [labels], status(204)))
    const writeUrl = `${server.url}/vm/insert/7:1/prometheus`
    await open({ writeUrl, readUrl: `${server.url}${cluster.read}` }).deleteSeries(labels, signal)
    expect(server.asked).toContain(`POST ${cluster.delete}/api/v1/admin/tsdb/delete_series`)
  })

  test('of a cluster whose address is another is refused', async () => {
    const server = await serve(withSeries({ read: '/read', delete: '/delete' }, [labels], status(204)))
    const store = open({ writeUrl: `${server.url}/write`, readUrl: `${server.url}/read` })
    await expect(store.deleteSeries(labels, signal)).rejects.toMatchObject({
      reason: 'rejected',
      hint: expect.stringContaining('/select/<tenant>/prometheus'),
    })
  })

  test.each([
    ['a key is asked for', status(401, 'the provided authKey does not match -deleteAuthKey'), 'rejected', false],
    ['a key is asked for, by old versions', status(400, 'It must match … -deleteAuthKey'), 'rejected', false],
    ['a proxy has no way to it', status(403), 'rejected', false],
    ['500', status(500), 'unavailable', true],
    ['a reset', reset, 'unreachable', true],
    ['no answer in time', silence, 'timeout', true],
    ['a web page', status(200, HTML), 'bad-answer', true],
  ] as const)('%s: is asked once, and reported', async (_, deletion, reason, ambiguous) => {
    const server = await serve(withSeries(single, [labels], deletion))
    await expect(
      open({ url: server.url, ...patienceFor(deletion) }).deleteSeries(labels, signal),
    ).rejects.toMatchObject({
      reason,
      ambiguous,
      mayLandForMs: ambiguous ? 70_000 : 0,
      hint: expect.any(String),
    })
    expect(server.asked.filter((line) => line.endsWith('delete_series'))).toHaveLength(1)
  })

  test('that stays where it is is no success', async () => {
    const server = await serve(
      byPath({
        '/internal/force_flush': '',
        '/api/v1/series': JSON.stringify({ status: 'success', data: [labels] }),
        '/api/v1/admin/tsdb/delete_series': status(204),
      }),
    )
    await expect(open({ url: server.url }).deleteSeries(labels, signal)).rejects.toMatchObject({
      reason: 'unavailable',
      message: expect.stringContaining('is still there'),
    })
  })

  test.each([
    ['part of a cluster', '{"status":"success","isPartial":true,"data":[]}', 'partial'],
    ['not an answer', HTML, 'bad-answer'],
  ])('a list of series that is %s deletes nothing', async (_, list, reason) => {
    const server = await serve(byPath({ '/internal/force_flush': '', '/api/v1/series': list }))
    await expect(open({ url: server.url }).deleteSeries(labels, signal)).rejects.toMatchObject({ reason })
  })

  test.each([[{}], [{ pair: '' }]])('is refused where it has no labels: %j', async (none) => {
    const server = await serve(byPath({ '/internal/force_flush': '' }))
    await expect(open({ url: server.url }).deleteSeries(none, signal)).rejects.toMatchObject({ reason: 'rejected' })
  })
})

describe('flush and persist', () => {
  test.each([
    ['404', status(404)],
    ['400', status(400, 'unsupported path')],
    ['401', status(401)],
    ['a web page', status(200, HTML)],
  ])('a flush that is not allowed is not asked for twice; waiting takes its place: %s', async (_, answer) => {
    const clock = quickClock()
    const server = await serve(answer)
    const store = open({ url: server.url }, clock)
    await store.flush(signal)
    await store.flush(signal)
    expect(server.asked).toEqual(['GET /internal/force_flush'])
    expect(clock.pausesMs).toEqual([5000, 5000])
  })

  test('a flush that fails is an error', async () => {
    const server = await serve(status(500))
    await expect(open({ url: server.url }).flush(signal)).rejects.toMatchObject({ reason: 'unavailable' })
  })

  test('a snapshot makes durable, and is deleted', async () => {
    const server = await serve(
      byPath({ '/snapshot/create': '{"status":"ok","snapshot":"2026-X"}', '/snapshot/delete': '{"status":"ok"}' }),
    )
    expect(await open({ url: server.url }).persist(signal)).toBe('durable')
    expect(server.asked).toEqual(['GET /snapshot/create', 'GET /snapshot/delete'])
  })

  test.each([
    ['not allowed', status(401)],
    ['not known', status(404)],
    ['failed', status(500, 'no space')],
    ['a web page', status(200, HTML)],
    ['an error with 200', status(200, '{"status":"error"}')],
  ])('without a snapshot it is durable only later: %s', async (_, answer) => {
    const server = await serve(answer)
    expect(await open({ url: server.url }).persist(signal)).toBe('later')
  })
})

describe('what is sent', () => {
  test.each([
    ['basic', { auth: { kind: 'basic', username: 'ann', password: 's:ü' } }, `Basic ${btoa8('ann:s:ü')}`],
    ['bearer', { auth: { kind: 'bearer', token: 'tok123' } }, 'Bearer tok123'],
  ] as const)('%s authentication and own headers go with every request', async (_, options, authorization) => {
    const seen: unknown[] = []
    const server = await serve((request, response) => {
      seen.push([request.headers.authorization, request.headers['x-tenant']])
      response.writeHead(204).end()
    })
    await open({ url: server.url, headers: { 'x-tenant': '7' }, ...options }).write(batch, signal)
    expect(seen).toEqual(seen.map(() => [authorization, '7']))
  })

  test('user and password in the address are used, and never shown', async () => {
    const seen: unknown[] = []
    const server = await serve((request, response) => {
      seen.push(request.headers.authorization)
      response.writeHead(401).end()
    })
    const store = open({ url: server.url.replace('://', '://ann:s3cret@') })
    const error: unknown = await store.write(batch, signal).catch((thrown: unknown) => thrown)
    expect(seen).toContain(`Basic ${btoa8('ann:s3cret')}`)
    expect(`${store.name} ${String(error)} ${JSON.stringify(error)}`).not.toContain('s3cret')
  })

  test.each([
    ['basic', { auth: { kind: 'basic', username: 'ann', password: 's3cret:ü' } }],
    ['bearer', { auth: { kind: 'bearer', token: 's3cret:ü' } }],
    ['a header', { headers: { 'x-key': 's3cret:ü' } }],
  ] as const)('a proxy that repeats what it was sent shows no secret: %s', async (_, options) => {
    const server = await serve((request, response) => {
      const sent = [request.headers.authorization, request.headers['x-key']].join(' ')
      const plain = Buffer.from(sent, 'latin1').toString('utf8')
      response.writeHead(400).end(`cannot find the provided auth token "${sent}", in plain ${plain}, in config`)
    })
    const store = open({ url: server.url, ...options })
    for (const act of [() => store.status(signal), () => store.write(batch, signal), () => store.flush(signal)]) {
      const error: unknown = await act().catch((thrown: unknown) => thrown)
      const text = `${String(error)} ${JSON.stringify(error)}`
      expect(text).not.toMatch(/s3cret|czNjcmV0/)
      expect(text).not.toContain(btoa8('ann:s3cret:ü'))
      if (error instanceof StoreError) expect(error.reason).toBe('unauthorized')
    }
  })

  test('what cannot be sent is refused at once, however often: it is no lost connection, and nothing waits for it', async () => {
    const server = await serve(status(204))
    const store = open({ url: server.url, auth: { kind: 'bearer', token: '\ufefftoken' } })
    for (let time = 1; time <= 20; time++)
      await expect(store.write(batch, signal)).rejects.toMatchObject({ reason: 'rejected', ambiguous: false })
    expect(server.asked).toEqual([])
  })

  test('one address, or two: else it cannot be opened', () => {
    expect(() => open({ writeUrl: 'http://x/insert/0/prometheus' })).toThrow('both writeUrl and readUrl')
  })
})

function btoa8(text: string): string {
  return Buffer.from(text).toString('base64')
}

function unusedPort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' ? (address?.port ?? 0) : 0))
    })
  })
}
