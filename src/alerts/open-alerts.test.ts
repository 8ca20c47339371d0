import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createSimulatedClock, type SimulatedClock } from '../../test/doubles/simulated-clock.ts'
import { type FakeServer, startFakeServer } from '../../test/doubles/fake-server.ts'
import type { AlertMessage } from '../api/alerts.ts'
import type { AlertRules } from '../model/alerts.ts'
import { HOUR_MS, MINUTE_MS } from '../model/time-window.ts'
import { openTimeZone } from '../model/time-zone.ts'
import { openAlerts } from './open-alerts.ts'
import type { Receiver } from './send-message.ts'

const START_MS = Date.parse('2026-03-27T12:00Z')
const zone = openTimeZone('America/New_York')
const RULES: AlertRules = { storeFailingMs: 0, circuits: [] }
/** Longer than any answer on loopback takes, and no pause that a test would feel. */
const TIMEOUT_MS = 300

/** What a receiver does with one request. */
const ACTS = {
  take: (response: ServerResponse) => void response.writeHead(200).end('{}'),
  reset: (response: ServerResponse) => void response.socket?.resetAndDestroy(),
  hang: () => {},
  cut: (response: ServerResponse) => {
    response.writeHead(200, { 'content-length': '100' }).write('{')
    setTimeout(() => response.destroy(), 10)
  },
  fail: (response: ServerResponse) => void response.writeHead(500).end('out of order'),
  refuse: (response: ServerResponse) => void response.writeHead(403).end('{"token":"s3cr3t-t0ken"}'),
  busy: (response: ServerResponse) => void response.writeHead(429, { 'retry-after': '600' }).end(),
  move: (response: ServerResponse) => void response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
}
type Act = keyof typeof ACTS

let folder: string
let server: FakeServer
let acts: Act[]
let isFailing: boolean
let lines: string[]
const seen: { readonly headers: Record<string, unknown>; readonly body: string }[] = []

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'alerts-'))
  ;[acts, isFailing, lines] = [[], false, []]
  seen.length = 0
  server = await startFakeServer((request, response, body) => {
    seen.push({ headers: request.headers, body })
    ACTS[acts.shift() ?? 'take'](response)
  })
})
afterEach(async () => {
  await server.stop()
  await rm(folder, { recursive: true })
})

interface Home {
  readonly clock: SimulatedClock
  readonly rules?: AlertRules
  readonly receivers?: readonly Receiver[]
}

/** Alerts that look once a minute of a clock which stands still while a message is under way. */
async function start({
  clock,
  rules = RULES,
  receivers = [{ type: 'webhook', url: `${server.url}/s3cr3t-path` }],
}: Home) {
  const stop = new AbortController()
  const log = (line: string) => void lines.push(line)
  let isAsleep = () => {}
  const alerts = await openAlerts({
    rules,
    receivers,
    zone,
    stateDir: folder,
    clock: {
      nowMs: clock.nowMs,
      sleep(durationMs, signal) {
        isAsleep()
        return clock.sleep(durationMs, signal)
      },
    },
    log: { debug: log, info: log, warn: log, error: log },
    onChange: () => {},
    timeoutMs: TIMEOUT_MS,
    facts: () => Promise.resolve({ isStoreFailing: isFailing, devices: [], circuits: new Map() }),
  })
  let looked = new Promise<void>((resolve) => (isAsleep = resolve))
  const running = alerts.run(stop.signal)
  await looked
  return {
    alerts,
    /** Minute by minute. */
    async elapse(minutes: number) {
      for (let minute = 0; minute < minutes; minute++) {
        looked = new Promise((resolve) => (isAsleep = resolve))
        await clock.advance(MINUTE_MS)
        await looked
      }
    },
    async end() {
      stop.abort(new Error('over'))
      await running
    },
  }
}

const told = () => seen.map(({ body }) => (JSON.parse(body) as AlertMessage).state)
const ids = () => new Set(seen.map(({ headers }) => headers['idempotency-key']))

describe('a receiver is told once when it begins and once when it is over', () => {
  it('by JSON', async () => {
    isFailing = true
    const home = await start({ clock: createSimulatedClock(START_MS) })
    await home.elapse(5)
    expect(home.alerts.open()).toEqual([expect.objectContaining({ kind: 'storeFailing', name: 'store' })])
    isFailing = false
    await home.elapse(5)
    expect(home.alerts.open()).toEqual([])
    await home.end()
    const [began, ended] = seen.map(({ body }) => JSON.parse(body) as AlertMessage)
    const text = 'store: over: failing from 08:00 to 08:06'
    expect(ended).toEqual({ ...began, state: 'ended', untilMs: START_MS + 6 * MINUTE_MS, text })
    expect([told(), ids().size]).toEqual([['began', 'ended'], 2])
    expect(lines).toEqual(['alert: store: failing since 08:00', `alert: ${text}`])
  })

  it('by ntfy, with a token', async () => {
    isFailing = true
    const receivers = [{ type: 'ntfy', url: `${server.url}/topic`, token: 's3cr3t-t0ken' }] as const
    const home = await start({ clock: createSimulatedClock(START_MS), receivers })
    await home.end()
    expect(server.asked).toEqual(['POST /topic'])
    expect(seen).toEqual([
      {
        headers: expect.objectContaining({
          authorization: 'Bearer s3cr3t-t0ken',
          title: 'Alert',
          priority: 'high',
          'x-sequence-id': expect.stringMatching(/^[0-9a-f]{16}-began$/),
        }),
        body: 'store: failing since 08:00',
      },
    ])
  })

  it.each([
    ['a connection that is reset', ['reset', 'reset', 'take'], 3, 3, 1],
    ['one that is cut after the answer began', ['cut'], 0, 1, 0],
    ['one that hangs', ['hang', 'take'], 1, 2, 1],
    ['errors', ['fail', 'refuse', 'move', 'take'], 7, 4, 3],
    ['a receiver that asks for ten minutes', ['busy', 'take'], 10, 2, 1],
  ] as const)('over %s', async (_, script, minutes, requests, logged) => {
    isFailing = true
    acts = [...script]
    const home = await start({ clock: createSimulatedClock(START_MS) })
    if (minutes > 0) await home.elapse(minutes - 1)
    expect(seen.length).toBe(minutes > 0 ? requests - 1 : requests)
    if (minutes > 0) await home.elapse(1)
    expect(told()).toEqual(Array.from({ length: requests }, () => 'began'))
    expect(ids().size).toBe(1)
    await home.elapse(70)
    await home.end()
    expect(seen.length).toBe(requests)
    expect(lines.filter((line) => line.includes('is tried again')).length).toBe(logged)
    expect(lines.join()).not.toMatch(/s3cr3t/)
  })

  it('across restarts, whatever was under way', async () => {
    isFailing = true
    acts = ['reset']
    const clock = createSimulatedClock(START_MS)
    const first = await start({ clock })
    await first.end()
    const second = await start({ clock })
    await second.elapse(3)
    await second.end()
    isFailing = false
    acts = ['fail']
    const third = await start({ clock })
    await third.end()
    const fourth = await start({ clock })
    await fourth.elapse(3)
    await fourth.end()
    expect(told()).toEqual(['began', 'began', 'ended', 'ended'])
    expect(ids().size).toBe(2)
  })

  it('in order, and one that is away does not hold up another', async () => {
    isFailing = true
    const receivers = [
      { type: 'webhook', url: 'http://127.0.0.1:1/away' },
      { type: 'webhook', url: `${server.url}/s3cr3t-path` },
    ] as const
    const clock = createSimulatedClock(START_MS)
    const home = await start({ clock, receivers })
    await home.elapse(1)
    isFailing = false
    await home.elapse(1)
    await home.end()
    expect(told()).toEqual(['began', 'ended'])
    const kept = JSON.parse(await readFile(join(folder, 'alerts.json'), 'utf8')) as {
      outbox: { message: AlertMessage }[]
    }
    expect(kept.outbox.map(({ message }) => message.state)).toEqual(['began', 'ended'])
    // Nobody waits for a receiver that is there no more.
    const later = await start({ clock })
    await later.end()
    expect(told()).toEqual(['began', 'ended'])
  })
})

describe('quiet hours', () => {
  const rules: AlertRules = { ...RULES, quietHours: { fromMinute: 22 * 60, untilMinute: 7 * 60 } }
  const night = () => createSimulatedClock(Date.parse('2026-03-27T03:00:00-04:00'))

  it('hold back what begins in them, until they end', async () => {
    isFailing = true
    const home = await start({ clock: night(), rules })
    await home.elapse(239)
    expect(told()).toEqual([])
    await home.elapse(1)
    expect(told()).toEqual(['began'])
    await home.end()
  })

  it('and tell what also ended in them as one message, across a restart', async () => {
    isFailing = true
    const clock = night()
    const first = await start({ clock, rules })
    await first.end()
    isFailing = false
    const second = await start({ clock, rules })
    await second.elapse(240)
    await second.end()
    expect(seen.map(({ body }) => (JSON.parse(body) as AlertMessage).text)).toEqual([
      'store: over: failing from 03:00 to 03:00',
    ])
  })

  it('tell both where the first may have arrived before', async () => {
    isFailing = true
    acts = ['reset']
    const clock = createSimulatedClock(Date.parse('2026-03-26T21:59:00-04:00'))
    const home = await start({ clock, rules })
    await home.elapse(5)
    isFailing = false
    await home.elapse(9 * 60)
    await home.end()
    expect(told()).toEqual(['began', 'began', 'ended'])
  })
})

it('what cannot be read of the state folder was never told', async () => {
  isFailing = true
  await writeFile(join(folder, 'alerts.json'), '{"held":[{"key":1}]')
  const home = await start({ clock: createSimulatedClock(START_MS + HOUR_MS) })
  await home.end()
  expect(told()).toEqual(['began'])
})
