import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { askInfluxd, startInfluxd } from '../../../scripts/influxdb.mjs'
import type { RunningServer } from '../../../scripts/victoria-metrics.mjs'
import { influxdForTests } from '../../../test/doubles/test-server.ts'
import { DEFAULT_TEMPLATES, type PointTemplates } from '../../model/point-template.ts'
import { seriesKey, type Labels } from '../../model/series.ts'
import type { Store } from '../../model/store.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../model/time-window.ts'
import { systemClock } from '../../runtime/clock.ts'
import { silentLog } from '../../runtime/log.ts'
import type { InfluxDbTarget } from './connection.ts'
import type { ChannelNames } from './layout.ts'
import { openInfluxDb } from './open-influxdb.ts'

const binary = await influxdForTests()
const T0 = Date.UTC(2024, 4, 1)
const never = new AbortController().signal
const channels: ChannelNames = {
  devices: ['house'],
  units: new Map([['power', 'Watts']]),
  labelsOf: ({ metric, device, location }) => ({ __name__: metric, device, location, source: 'iotawatt' }),
}
const MAINS = channels.labelsOf({ metric: 'power', device: 'house', location: 'Mains 1' })
const window = { fromMs: T0, untilMs: T0 + HOUR_MS }
const sample = (labels: Labels, atMs = T0, value = 1) => ({ labels, timestampsMs: [atMs], values: [value] })

describe.skipIf(binary === undefined)('a real InfluxDB', () => {
  let server: RunningServer
  const opened: Store[] = []
  beforeAll(async () => {
    server = await startInfluxd({ binary: binary!, settings: { coordinator: ['max-select-series = 40'] } })
    for (const name of ['energy', 'other "one"', 'short', 'typed'])
      await askInfluxd(server.url, `CREATE DATABASE "${name.replaceAll('"', '\\"')}"`)
    await askInfluxd(server.url, 'CREATE RETENTION POLICY "week" ON "short" DURATION 7d REPLICATION 1 DEFAULT')
  })
  afterAll(async () => {
    await Promise.all(opened.map((store) => store.close()))
    await server.stop()
  })

  function open(database: string, more: { templates?: PointTemplates; target?: Partial<InfluxDbTarget> } = {}): Store {
    const { templates = DEFAULT_TEMPLATES, target = {} } = more
    const store = openInfluxDb(
      { url: server.url, target: { version: '1.x', database, ...target } as InfluxDbTarget, templates, channels },
      { clock: systemClock, log: silentLog, random: Math.random },
    )
    opened.push(store)
    return store
  }

  const write = (database: string, lines: string) =>
    fetch(`${server.url}/write?${new URLSearchParams({ db: database, precision: 'ms' }).toString()}`, {
      method: 'POST',
      body: lines,
    })

  test('any labels come back as they were', async () => {
    const store = open('other "one"')
    const text = fc.string({
      unit: fc.constantFrom(
        'a',
        '\\',
        ',',
        ' ',
        '=',
        '"',
        "'",
        '/',
        '#',
        '\n',
        '\r',
        '\t',
        '\u241b',
        'ü',
        '🔌',
        '*',
        ';',
        '{',
      ),
      minLength: 1,
      maxLength: 8,
    })
    let number = 0
    await fc.assert(
      fc.asyncProperty(fc.dictionary(text, text, { maxKeys: 4 }), text, async (more, metric) => {
        const labels = { ...more, device: `d${number++}`, __name__: metric }
        await store.write([sample(labels)], never)
        const listed = await store.listSeries({ metrics: [metric], device: labels.device, window }, never)
        expect(listed.map((each) => seriesKey(each.labels))).toEqual([seriesKey(labels)])
        expect(await store.readSamples([labels], window, never)).toEqual([sample(labels)])
      }),
      { numRuns: 100 },
    )
  })

  test.each<[string, PointTemplates, string]>([
    [
      'a measurement each',
      { measurement: '{location}', tags: { device: '{device}', units: '{unit}' }, field: 'value' },
      'Mains\\ 1,device=house,units=Watts value=230.5',
    ],
    [
      'a field each',
      { measurement: 'iotawatt', tags: { device: '{device}' }, field: '{location}' },
      'iotawatt,device=house Mains\\ 1=230.5',
    ],
    [
      'a tag each',
      { measurement: 'iotawatt', tags: { ct: '{location}' }, field: '{unit}' },
      'iotawatt,ct=Mains\\ 1 Watts=230.5',
    ],
  ])('what an uploader left, %s, is continued and never written again', async (_, templates, line) => {
    await askInfluxd(server.url, 'DROP DATABASE "energy"')
    await askInfluxd(server.url, 'CREATE DATABASE "energy"')
    expect((await write('energy', `${line} ${T0}`)).status).toBe(204)
    const store = open('energy', { templates })
    const query = { metrics: ['power', 'claims'], device: 'house', window }
    expect(await store.listSeries(query, never)).toEqual([{ labels: MAINS, positionMs: T0 }])
    const claim = { __name__: 'claims', device: 'house', writer: 'x' }
    await store.write([sample(MAINS, T0 + MINUTE_MS, 2), sample(claim)], never)
    expect((await store.listSeries(query, never)).length).toBe(2)
    const found = { labels: MAINS, timestampsMs: [T0, T0 + MINUTE_MS], values: [230.5, 2] }
    expect(await store.readSamples([MAINS], window, never)).toEqual([found])
  })

  test('tells how long it keeps samples, and refuses those that are older', async () => {
    const store = open('short')
    const { retainsFromMs = 0, clockMs = 0, deduplicates } = await store.status(never)
    expect(clockMs - retainsFromMs).toBe(7 * DAY_MS)
    expect(deduplicates).toBe(true)
    const nowMs = Math.floor(Date.now() / 1000) * 1000
    await expect(store.write([sample(MAINS, nowMs), sample(MAINS, nowMs - 30 * DAY_MS)], never)).rejects.toMatchObject({
      reason: 'rejected',
      message: expect.stringMatching(/partial write: points beyond retention policy dropped=1/),
    })
    await askInfluxd(server.url, 'ALTER RETENTION POLICY "autogen" ON "short" DEFAULT')
    expect(await open('short').status(never)).toMatchObject({ retainsFromMs: 0 })
    expect(
      await open('short', { target: { retentionPolicy: 'week' } }).listSeries(
        { metrics: ['power'], window: { fromMs: 0, untilMs: nowMs + DAY_MS } },
        never,
      ),
    ).toHaveLength(1)
  })

  test.each<[string, Parameters<typeof open>, RegExp, RegExp]>([
    ['a database that is not there', ['no such'], /database not found/, /influx -execute 'CREATE DATABASE "no such"'/],
    [
      'a retention policy that is not there',
      ['energy', { target: { retentionPolicy: 'month' } }],
      /retention policy not found/,
      /CREATE RETENTION POLICY "month" ON "energy"/,
    ],
  ])('%s is named with the line that makes it', async (_, args, message, hint) => {
    const store = open(...args)
    await expect(store.status(never)).rejects.toMatchObject({
      reason: 'rejected',
      message: expect.stringMatching(message),
      hint: expect.stringMatching(hint),
    })
    await expect(store.listSeries({ metrics: ['power'], window }, never)).rejects.toMatchObject({ reason: 'rejected' })
    await expect(store.write([sample(MAINS)], never)).rejects.toThrow(/not found/)
  })

  test('a field of another type, and a label called time, are refused in their words', async () => {
    expect((await write('typed', `power,device=x value=1i ${T0}`)).status).toBe(204)
    const store = open('typed')
    await expect(store.write([sample(MAINS)], never)).rejects.toMatchObject({
      reason: 'rejected',
      message: expect.stringMatching(/field type conflict/),
      hint: expect.stringMatching(/store\.field/),
    })
    await expect(store.write([sample({ ...MAINS, time: 'x' })], never)).rejects.toThrow(/called time/)
  })

  test('a limit that is reached is an error that names it, not an answer in part', async () => {
    const store = open('other "one"')
    const many = Array.from({ length: 50 }, (_, index) => ({ ...MAINS, __name__: 'limited', location: `L${index}` }))
    await store.write(
      many.map((labels) => sample(labels)),
      never,
    )
    await expect(store.listSeries({ metrics: ['limited'], window }, never)).rejects.toMatchObject({
      reason: 'rejected',
      hint: expect.stringMatching(/max-select-series/),
    })
  })

  test('nothing is deleted where another field, or another retention policy, would lose something', async () => {
    await askInfluxd(server.url, 'CREATE DATABASE "shared"')
    await askInfluxd(server.url, 'CREATE RETENTION POLICY "years" ON "shared" DURATION INF REPLICATION 1')
    const store = open('shared')
    const [first, second] = [
      { ...MAINS, location: 'a' },
      { ...MAINS, location: 'b' },
    ]
    await store.write([sample(first), sample(second)], never)
    expect((await write('shared', `power,device=house,location=a,source=iotawatt max=5 ${T0}`)).status).toBe(204)
    await expect(store.deleteSeries(first, never)).rejects.toThrow(/would delete "max" of "power"/)
    await open('shared', { target: { retentionPolicy: 'years' } }).write([sample(second)], never)
    await expect(store.deleteSeries(second, never)).rejects.toThrow(/in the retention policy "years" too/)
    expect((await store.listSeries({ metrics: ['power'], window }, never)).length).toBe(2)
  })
})

describe.skipIf(binary === undefined)('an InfluxDB that wants a login', () => {
  let server: RunningServer
  beforeAll(async () => {
    server = await startInfluxd({ binary: binary!, settings: { http: ['auth-enabled = true'] } })
    await askInfluxd(server.url, `CREATE USER "root" WITH PASSWORD 'hunter2root' WITH ALL PRIVILEGES`)
    const isDone = async (username: string, question: string) => {
      const answer = await fetch(`${server.url}/query`, {
        method: 'POST',
        headers: { authorization: `Basic ${Buffer.from(`${username}:hunter2${username}`).toString('base64')}` },
        body: new URLSearchParams({ q: question }),
      })
      return answer.ok && !(await answer.text()).includes('"error"')
    }
    const until = (username: string, question: string) =>
      vi.waitUntil(() => isDone(username, question), { timeout: 300_000, interval: 100 })
    await until('root', 'CREATE DATABASE "energy"')
    for (const [name, right] of [
      ['reader', 'READ'],
      ['writer', 'ALL'],
    ] as const) {
      await until('root', `CREATE USER "${name}" WITH PASSWORD 'hunter2${name}'`)
      await until('root', `GRANT ${right} ON "energy" TO "${name}"`)
      // The server knows of a grant some time after it has answered.
      await until(name, 'SHOW RETENTION POLICIES ON "energy"')
    }
  })
  afterAll(() => server.stop())

  const open = (username?: string, password = `hunter2${username}`) =>
    openInfluxDb(
      {
        url: server.url,
        target: { version: '1.x', database: 'energy', ...(username !== undefined && { auth: { username, password } }) },
        templates: DEFAULT_TEMPLATES,
        channels,
      },
      { clock: systemClock, log: silentLog, random: Math.random },
    )

  test('takes a user who may read and write', async () => {
    const store = open('writer')
    await store.status(never)
    await store.write([sample(MAINS)], never)
    expect(await store.readSamples([MAINS], window, never)).toEqual([sample(MAINS)])
    await store.close()
  })

  test.each([
    ['nobody', undefined, undefined, /none is given|credentials/],
    ['a wrong password', 'writer', 'hunter3wrong', /login that was given is refused|authorization failed/],
    ['a user who may only read', 'reader', undefined, /not authorized to write/],
  ])('refuses %s, and no password is shown', async (_, username, password, words) => {
    const store = open(username, password)
    await expect(store.status(never)).rejects.toMatchObject({
      reason: 'unauthorized',
      message: expect.stringMatching(words),
    })
    await expect(store.write([sample(MAINS)], never)).rejects.toMatchObject({
      reason: 'unauthorized',
      message: expect.not.stringMatching(/hunter/),
    })
    await store.close()
  })
})
