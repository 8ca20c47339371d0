import { describe, expect, it } from 'vitest'
import type { RowRequest } from '../model/device.ts'
import { DAY_MS, MINUTE_MS } from '../model/time-window.ts'
import type { DeviceFault } from '../simulator/device-fault.ts'
import { loadRecordings } from '../simulator/fixtures/load-fixtures.ts'
import { never, simulatedIotawatt, watts } from './fixtures/simulated-iotawatt.ts'

const FIRST_MS = 1_716_940_800_000
const END_MS = 1_717_200_000_000
const IWATT5 = recordedChannels('iwatt5')

/** The columns, and the rows by pages, of what a real device answered for all of its channels. */
function recordedChannels(name: 'iwatt5' | 'iwatt6') {
  const pages = loadRecordings(name).filter(
    ({ path }) => path.includes('missing=null&limit=1000') && path.includes('format=json'),
  )
  const names = /select=\[time.utc.unix,(.*)\]/
    .exec(pages[0]!.path)![1]!
    .split(',')
    .map((text) => text.split('.')[0]!)
  const rows = pages.flatMap(({ body }) => JSON.parse(body).data as (number | null)[][])
  return { columns: watts(...names), rows }
}

const lastMinutes = (count: number, columns = watts('Mains_1', 'Mains_2')): RowRequest => ({
  columns,
  window: { fromMs: END_MS - count * MINUTE_MS, untilMs: END_MS },
  step: 'minute',
})

const isQuery = (path: string) => path.startsWith('/query?select')

describe('what a device is', () => {
  it('tells its logs and clocks', async () => {
    const { iotawatt, run } = simulatedIotawatt('iwatt5', { startedAtMs: END_MS - DAY_MS })
    expect(await run(iotawatt.status(never))).toEqual({
      name: 'iwatt5',
      version: '02_08_04',
      startedAtMs: END_MS - DAY_MS,
      clockMs: END_MS + 3000,
      firstMs: FIRST_MS,
      newestMs: END_MS,
    })
  })

  it('lists its channels, inputs first', async () => {
    const { iotawatt, run } = simulatedIotawatt('lab')
    const channels = await run(iotawatt.listChannels(never))
    expect(channels.map(({ name, kind }) => `${name}: ${kind}`).slice(5, 9)).toEqual([
      'EV charger: input',
      'grid: input',
      'mains: output',
      'import: output',
    ])
    expect(channels.at(-1)).toEqual({ name: 'mains_amps', unit: 'Amps', kind: 'output' })
  })

  it('has a fingerprint of its configuration, which changes with it', async () => {
    const { iotawatt, run, device } = simulatedIotawatt('iwatt5')
    const before = await run(iotawatt.configFingerprint(never))
    expect(before).toMatch(/^[\w-]{43}=$/)
    device.renameChannel('Dryer', 'EV')
    expect(await run(iotawatt.configFingerprint(never))).not.toBe(before)
  })
})

describe('rows', () => {
  it.each(['iwatt5', 'iwatt6'] as const)('of all channels of %s are those of the real device', async (name) => {
    const { columns, rows } = recordedChannels(name)
    const { readAll, device, paths } = simulatedIotawatt(name)
    const read = await readAll({ columns, window: { fromMs: FIRST_MS, untilMs: END_MS }, step: 'minute' })
    expect(read.map(({ atMs, values }) => [atMs / 1000, ...values])).toEqual(
      rows.map((row) => row.map((v) => v && v + 0)),
    )
    const pageCount = paths('/query').length
    expect(device.counters().recordReads).toBe(rows.length + pageCount)
    expect(paths('/status').length).toBe(pageCount + 1)
  })

  it('of days count from the start of the window, the last one cut off', async () => {
    const { readAll, paths } = simulatedIotawatt('iwatt5')
    const window = { fromMs: FIRST_MS + 5 * MINUTE_MS, untilMs: END_MS }
    const rows = await readAll({ columns: watts('Mains_1'), window, step: 'day' })
    expect(rows.map(({ atMs }) => atMs - window.fromMs)).toEqual([0, DAY_MS, 2 * DAY_MS])
    expect(paths('/query').length).toBe(1)
  })

  it('of the whole window are one', async () => {
    const { readAll, device } = simulatedIotawatt('iwatt5')
    const rows = await readAll({
      columns: watts('Mains_1'),
      window: { fromMs: FIRST_MS, untilMs: END_MS },
      step: 'whole',
    })
    expect(rows).toEqual([{ atMs: FIRST_MS, values: [expect.any(Number)] }])
    expect(device.counters().recordReads).toBe(2)
  })

  it('take as many questions as their columns need, and are joined', async () => {
    const units = ['watts', 'va', 'amps', 'pf', 'var', 'wh', 'volts', 'hz'] as const
    const columns = IWATT5.columns.flatMap(({ name }) => units.map((unit) => ({ name, unit, decimals: 3 })))
    const { readAll, paths } = simulatedIotawatt('iwatt5')
    const rows = await readAll(lastMinutes(5, columns))
    expect(paths('/query').length).toBe(2)
    expect(paths('/status').length).toBe(2)
    const halves = [columns.slice(0, 60), columns.slice(60)]
    const [left, right] = await Promise.all(
      halves.map((half) => simulatedIotawatt('iwatt5').readAll(lastMinutes(5, half))),
    )
    expect(rows).toEqual(left!.map((row, index) => ({ ...row, values: [...row.values, ...right![index]!.values] })))
  })

  it('of a name with a space', async () => {
    const { readAll } = simulatedIotawatt('lab')
    expect((await readAll(lastMinutes(2, watts('EV charger')))).length).toBe(2)
  })

  it('go on where the device stopped by itself', async () => {
    const request = lastMinutes(10)
    const whole = await simulatedIotawatt('iwatt5').readAll(request)
    const { readAll, device, paths } = simulatedIotawatt('iwatt5')
    device.setFaults(({ url }) =>
      isQuery(url) && url.includes(`begin=${request.window.fromMs / 1000}`)
        ? { kind: 'garbage', body: limited }
        : undefined,
    )
    const data = whole.slice(0, 4).map(({ atMs, values }) => [atMs / 1000, ...values])
    const labels = ['Time', 'Mains_1', 'Mains_2']
    const range = [request.window.fromMs / 1000, request.window.untilMs / 1000]
    const limited = JSON.stringify({ range, labels, data, limit: range[0]! + 240 })
    expect(await readAll(request)).toEqual(whole)
    expect(paths('/query').length).toBe(2)
  })
})

describe('before the device is asked', () => {
  it.each(['', 'a.b', 'a,b', 'time', 'a"b'])('the name %j is refused', async (name) => {
    const { iotawatt, run, sent } = simulatedIotawatt('iwatt5')
    const asked = run(iotawatt.fetchRows(lastMinutes(2, watts('Mains_1', name)), never))
    await expect(asked).rejects.toMatchObject({ reason: 'rejected', channel: name })
    expect(sent).toEqual([])
  })

  it.each([
    ['half a minute', { fromMs: END_MS - 90_500, untilMs: END_MS }],
    ['no time', { fromMs: END_MS, untilMs: END_MS }],
    ['a reversed span', { fromMs: END_MS, untilMs: END_MS - MINUTE_MS }],
    ['seconds', { fromMs: (END_MS - DAY_MS) / 1000, untilMs: END_MS / 1000 }],
  ])('a window of %s is refused', async (_, window) => {
    const { iotawatt, run, sent } = simulatedIotawatt('iwatt5')
    const asked = run(iotawatt.fetchRows({ ...lastMinutes(1), window }, never))
    await expect(asked).rejects.toMatchObject({ reason: 'rejected', message: expect.stringContaining('whole minutes') })
    expect(sent).toEqual([])
  })

  it('a minute that is not over is refused', async () => {
    const { iotawatt, run, paths } = simulatedIotawatt('iwatt5')
    const window = { fromMs: END_MS - MINUTE_MS, untilMs: END_MS + MINUTE_MS }
    await expect(run(iotawatt.fetchRows({ ...lastMinutes(1), window }, never))).rejects.toMatchObject({
      reason: 'rejected',
      message: 'iwatt5: asked for 2024-05-31T23:59Z to 2024-06-01T00:01Z, but its log ends at 2024-06-01T00:00Z',
    })
    expect(paths('/query')).toEqual([])
  })
})

describe('what goes wrong once is asked again', () => {
  const faults: DeviceFault[] = [
    { kind: 'refused' },
    { kind: 'reset-before' },
    { kind: 'reset-during', sentBytes: 100 },
    { kind: 'reset-after' },
    { kind: 'cut', sentBytes: 100 },
    { kind: 'shortened', sentBytes: 100 },
    { kind: 'delay', delayMs: 70_000 },
    { kind: 'status', status: 500 },
    { kind: 'garbage' },
  ]
  const REASONS: Partial<Record<DeviceFault['kind'], string>> = {
    refused: 'unreachable',
    'reset-before': 'unreachable',
    'reset-after': 'unreachable',
    delay: 'timeout',
  }

  it.each(faults.flatMap((fault) => ['/status', '/query'].map((path) => ({ ...fault, path, fault }))))(
    '$kind of $path',
    async ({ fault, path }) => {
      const whole = await simulatedIotawatt('iwatt5').readAll(lastMinutes(10))
      const { readAll, device } = simulatedIotawatt('iwatt5', { timeoutMs: 60_000 })
      let count = 0
      device.setFaults(({ url }) => (url.startsWith(path) && count++ === 0 ? fault : undefined))
      expect(await readAll(lastMinutes(10))).toEqual(whole)
      expect(count).toBeGreaterThan(1)
      expect(device.counters().mostAtOnce).toBe(1)
    },
  )

  it.each(faults)('$kind, again and again, is an error in the end', async (fault) => {
    const { iotawatt, run, device, paths, clock } = simulatedIotawatt('iwatt5')
    device.setFaults(({ url }) => (isQuery(url) ? fault : undefined))
    const startedMs = clock.nowMs()
    const reason = REASONS[fault.kind] ?? 'bad-answer'
    const message = expect.stringMatching(
      /^iwatt5: GET http:\/\/192\.0\.2\.7\/query for 2024-05-31T23:50Z to 2024-06-01T00:00Z, 2 columns: /,
    )
    await expect(run(iotawatt.fetchRows(lastMinutes(10), never))).rejects.toMatchObject({ reason, message })
    expect(paths('/query').length).toBe(reason === 'timeout' ? 2 : 3)
    expect(clock.nowMs() - startedMs).toBeLessThan(5 * MINUTE_MS)
    expect(device.counters().mostAtOnce).toBe(1)
  })

  it('a device that is off is given up soon', async () => {
    const { iotawatt, run, device, clock } = simulatedIotawatt('iwatt5')
    device.setPower('off')
    const startedMs = clock.nowMs()
    await expect(run(iotawatt.status(never))).rejects.toMatchObject({ reason: 'unreachable' })
    expect(clock.nowMs() - startedMs).toBeLessThan(5000)
  })
})

describe('what is not asked again', () => {
  it('an unknown channel, which the error names', async () => {
    const { iotawatt, run, paths } = simulatedIotawatt('iwatt5')
    await expect(run(iotawatt.fetchRows(lastMinutes(2, watts('Mains_1', 'Furnce')), never))).rejects.toMatchObject({
      reason: 'unknown-channel',
      channel: 'Furnce',
      message: expect.stringMatching(/2 columns: 400 "Invalid series: Furnce"$/),
      hint: 'to see what the device has: iotawatt-sync channels iwatt5',
    })
    expect(paths('/query').length).toBe(1)
  })

  it.each([
    [404, 'rejected'],
    [302, 'rejected'],
    [403, 'unauthorized'],
  ])('a %i', async (status, reason) => {
    const { iotawatt, run, device, sent } = simulatedIotawatt('iwatt5')
    device.setFaults(() => ({ kind: 'status', status }))
    await expect(run(iotawatt.status(never))).rejects.toMatchObject({ reason, hint: expect.any(String) })
    expect(sent.length).toBe(1)
  })
})

describe('a device that restarts', () => {
  it('while it answers: nothing of the answer is used', async () => {
    const { iotawatt, run, device, paths } = simulatedIotawatt('iwatt5', { startedAtMs: END_MS - DAY_MS })
    device.setFaults(({ url }) => (isQuery(url) ? { kind: 'restart' } : undefined))
    const asked = run(iotawatt.fetchRows(lastMinutes(10), never))
    await expect(asked).rejects.toMatchObject({
      reason: 'restarted',
      message: expect.stringContaining('it restarted at'),
    })
    expect(paths('/query').length).toBe(1)
  })

  it('over a question: it is not asked a second time', async () => {
    const { iotawatt, run, device, paths } = simulatedIotawatt('iwatt5', { startedAtMs: END_MS - DAY_MS })
    device.setFaults(({ url }) => {
      if (!isQuery(url)) return undefined
      device.reboot()
      return { kind: 'reset-before' }
    })
    await expect(run(iotawatt.fetchRows(lastMinutes(10), never))).rejects.toMatchObject({ reason: 'restarted' })
    expect(paths('/query').length).toBe(1)
  })

  it('between two pages: goes on at the next call', async () => {
    const { iotawatt, run, device } = simulatedIotawatt('iwatt5', { startedAtMs: END_MS - DAY_MS })
    await run(iotawatt.fetchRows(lastMinutes(10), never))
    device.reboot()
    await run(iotawatt.status(never))
    expect((await run(iotawatt.fetchRows(lastMinutes(10), never))).rows.length).toBe(10)
  })

  it('is waited for until its logs are open', async () => {
    const { iotawatt, run, clock } = simulatedIotawatt('iwatt5', { historyOpensAfterMs: 5000 })
    const startedMs = clock.nowMs()
    expect(await run(iotawatt.status(never))).toMatchObject({ firstMs: FIRST_MS })
    expect(clock.nowMs() - startedMs).toBe(6000)
  })

  it('and whose log stays closed is given up after a minute', async () => {
    const { iotawatt, run, clock } = simulatedIotawatt('iwatt5', { historyOpensAfterMs: DAY_MS })
    const startedMs = clock.nowMs()
    const message = 'iwatt5: GET http://192.0.2.7/status: its log is not open 60 s later'
    await expect(run(iotawatt.status(never))).rejects.toMatchObject({ reason: 'restarted', message })
    expect(clock.nowMs() - startedMs).toBe(MINUTE_MS)
  })

  it('gives no rows while its log is closed', async () => {
    const { iotawatt, run, paths } = simulatedIotawatt('iwatt5', { historyOpensAfterMs: 5000 })
    await expect(run(iotawatt.fetchRows(lastMinutes(10), never))).rejects.toMatchObject({ reason: 'restarted' })
    expect(paths('/query')).toEqual([])
  })
})

describe('gentle', () => {
  const everything: RowRequest = {
    columns: watts('Mains_1'),
    window: { fromMs: FIRST_MS, untilMs: END_MS },
    step: 'minute',
  }
  const limits = (paths: readonly string[]) => paths.map((path) => Number(/limit=(\d+)/.exec(path)?.[1]))

  it('a single page waits for nothing', async () => {
    const { readAll, clock } = simulatedIotawatt('iwatt5')
    const startedMs = clock.nowMs()
    await readAll(lastMinutes(5))
    expect(clock.nowMs() - startedMs).toBe(0)
  })

  it.each([0.1, 0.25, 0.5])('keeps the device busy at most %d of the time', async (maxDeviceLoad) => {
    const { readAll, device } = simulatedIotawatt('iwatt5', { readCostMs: 1, maxDeviceLoad })
    await readAll(everything)
    const { blockedShare, longestMs } = device.counters()
    // The last page is not rested after.
    expect(blockedShare).toBeLessThan(maxDeviceLoad * 1.3)
    expect(blockedShare).toBeGreaterThan(maxDeviceLoad * 0.9)
    expect(longestMs).toBeLessThan(1200)
  })

  it('grows its pages where the device is quick', async () => {
    const { readAll, paths } = simulatedIotawatt('iwatt5')
    await readAll(everything)
    expect(limits(paths('/query'))).toEqual([500, 1000, 1000, 1000, 820])
  })

  it('shrinks its pages where the device is slow', async () => {
    const { readAll, paths } = simulatedIotawatt('iwatt5', { readCostMs: 8 })
    await readAll(everything)
    expect(limits(paths('/query')).slice(0, 4)).toEqual([500, 250, 125, 125])
  })

  it('asks one thing at a time, whoever asks', async () => {
    const { iotawatt, run, device } = simulatedIotawatt('iwatt5', { readCostMs: 1 })
    await run(
      Promise.all([
        iotawatt.fetchRows(lastMinutes(30), never),
        iotawatt.status(never),
        iotawatt.listChannels(never),
        iotawatt.fetchRows(lastMinutes(30), never),
        iotawatt.configFingerprint(never),
      ]),
    )
    expect(device.counters().mostAtOnce).toBe(1)
  })

  it('waits as long as it had waited after a question that took too long', async () => {
    const { iotawatt, run, device, sent } = simulatedIotawatt('iwatt5')
    let count = 0
    device.setFaults(({ url }) => (isQuery(url) && count++ === 0 ? { kind: 'delay', delayMs: 119_000 } : undefined))
    await run(iotawatt.fetchRows(lastMinutes(10), never))
    const lateIndex = sent.findIndex(({ path }) => isQuery(path))
    expect(sent[lateIndex + 1]!.atMs - sent[lateIndex]!.atMs).toBeGreaterThanOrEqual(120_000)
    expect(device.counters().mostAtOnce).toBe(1)
  })
})

describe('an aborted caller', () => {
  it('gets its reason at once, and the next question waits for what the device is busy with', async () => {
    const { iotawatt, run, device, clock, paths } = simulatedIotawatt('iwatt5', { readCostMs: 2 })
    await run(iotawatt.status(never))
    const controller = new AbortController()
    const page = iotawatt.fetchRows(lastMinutes(500), controller.signal)
    const outcome = page.catch((error: unknown) => error)
    await clock.advance(100)
    expect(paths('/query').length).toBe(1)
    controller.abort('enough')
    expect(await outcome).toBe('enough')
    await run(iotawatt.status(never))
    expect(device.counters().mostAtOnce).toBe(1)
  })

  it.each(['status', 'listChannels', 'configFingerprint'] as const)('of %s never asks', async (method) => {
    const { iotawatt, sent } = simulatedIotawatt('iwatt5')
    await expect(iotawatt[method](AbortSignal.abort('enough'))).rejects.toBe('enough')
    expect(sent).toEqual([])
  })

  it('need not wait for the end of a pause', async () => {
    const { iotawatt, run, clock } = simulatedIotawatt('iwatt5', { readCostMs: 2 })
    await run(iotawatt.fetchRows(lastMinutes(500), never))
    const controller = new AbortController()
    const page = iotawatt.fetchRows(lastMinutes(500), controller.signal).catch((error: unknown) => error)
    await clock.advance(10)
    controller.abort('enough')
    expect(await page).toBe('enough')
  })
})

describe('a device with passwords', () => {
  const passwords = { admin: 'secret', user: 'reader' }
  const user = { username: 'user', password: 'reader' }
  const admin = { username: 'admin', password: 'secret' }

  it.each([user, admin])('is read as $username with one login', async (auth) => {
    const { readAll, device, sent } = simulatedIotawatt('iwatt5', { passwords, auth })
    expect((await readAll({ ...lastMinutes(1500), columns: watts('Mains_1') })).length).toBe(1500)
    expect(sent.filter(({ authorization }) => authorization === undefined).length).toBe(1)
    expect(device.counters().requests).toBe(sent.length)
  })

  it('shows its configuration to its administrator', async () => {
    const { iotawatt, run } = simulatedIotawatt('iwatt5', { passwords, auth: admin })
    expect(await run(iotawatt.configFingerprint(never))).toMatch(/=$/)
  })

  it('and to nobody else, who does not ask again for an hour, nor log in for it', async () => {
    const { iotawatt, run, clock, sent } = simulatedIotawatt('iwatt5', { passwords, auth: user })
    await run(iotawatt.status(never))
    const countBefore = sent.length
    for (const _ of [1, 2, 3]) expect(await run(iotawatt.configFingerprint(never))).toBeUndefined()
    expect(sent.slice(countBefore)).toMatchObject([{ path: '/config.txt', authorization: undefined }])
    await clock.advance(60 * MINUTE_MS)
    await run(iotawatt.configFingerprint(never))
    expect(sent.length).toBe(countBefore + 2)
  })

  it('logs in anew when its nonce has gone', async () => {
    const { iotawatt, run, device, clock } = simulatedIotawatt('iwatt5', { passwords, auth: user })
    await run(iotawatt.status(never))
    device.reboot()
    await run(iotawatt.status(never))
    await clock.advance(11 * MINUTE_MS)
    expect((await run(iotawatt.fetchRows(lastMinutes(10), never))).rows.length).toBe(10)
  })

  it.each([
    ['a wrong password', { ...user, password: 'hunter2' }],
    ['a user that it does not know', { username: 'root', password: 'hunter2' }],
    ['nobody', undefined],
  ])('refuses %s, once, and the error keeps the secret', async (_, auth) => {
    const { iotawatt, run, sent } = simulatedIotawatt('iwatt5', { passwords, auth })
    const error = await run(iotawatt.status(never)).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({
      reason: 'unauthorized',
      message: 'iwatt5: GET http://192.0.2.7/status: 401 "IoTaWatt-Login"',
      hint: expect.stringContaining('`username`'),
    })
    expect(JSON.stringify(error) + String(error)).not.toContain('hunter2')
    expect(sent.length).toBe(auth === undefined ? 1 : 2)
  })

  it('goes down at a login as user without a user password, and is spared another one for an hour', async () => {
    const { iotawatt, run, clock, sent } = simulatedIotawatt('iwatt5', { passwords: { admin: 'secret' }, auth: user })
    await expect(run(iotawatt.status(never))).rejects.toMatchObject({
      reason: 'unauthorized',
      hint: expect.stringContaining('log in as admin'),
    })
    for (const _ of [1, 2, 3])
      await expect(run(iotawatt.status(never))).rejects.toMatchObject({ reason: 'unauthorized' })
    expect(sent.filter(({ authorization }) => authorization !== undefined).length).toBe(1)
    await clock.advance(60 * MINUTE_MS)
    await expect(run(iotawatt.status(never))).rejects.toMatchObject({ reason: 'unauthorized' })
    expect(sent.filter(({ authorization }) => authorization !== undefined).length).toBe(2)
  })
})
