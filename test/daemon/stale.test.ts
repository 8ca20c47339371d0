import { afterEach, expect, it } from 'vitest'
import { HOUR_MS, MINUTE_MS } from '../../src/model/time-window.ts'
import { openCliHome } from '../cli-home.ts'
import { freePort } from '../free-port.ts'
import { openHouseDaemon, type HouseDaemon } from './house-daemon.ts'

const [MAX_AGE_MS, INTERVAL_MS] = [15 * MINUTE_MS, 5 * MINUTE_MS]
let daemon: HouseDaemon | undefined
afterEach(async () => {
  await daemon?.close()
  daemon = undefined
})

interface Status {
  readonly nowMs: number
  readonly maxAgeMs: number
  readonly devices: readonly {
    readonly name: string
    readonly state: string
    readonly storedUntilMs: number
    readonly history: { readonly state: string }
    readonly failure?: { readonly message: string; readonly sinceMs: number }
  }[]
}

it('a device that is off turns /readyz and what the page shows at the configured age; back on, it turns them back', async () => {
  const house = await openHouseDaemon({ startMs: Date.UTC(2026, 2, 27, 12, 0, 37), historyMs: HOUR_MS })
  daemon = house
  const isReady = async () => (await house.get('/readyz')).status === 200
  const status = async () => (await house.get('/api/v1/status')).body as Status
  house.start()
  await house.until(isReady)
  await house.until(async () =>
    (await status()).devices.every(({ state, history }) => state === 'ok' && history.state === 'done'),
  )

  await house.devices[1]?.setPower('off')
  await house.until(async () => !(await isReady()))
  const stale = await status()
  const [cellar, attic] = stale.devices
  expect(stale.maxAgeMs).toBe(MAX_AGE_MS)
  const ageMs = stale.nowMs - (attic?.storedUntilMs ?? 0)
  expect(ageMs).toBeGreaterThan(MAX_AGE_MS)
  expect(ageMs).toBeLessThanOrEqual(MAX_AGE_MS + 2_000)
  expect(attic).toMatchObject({ state: 'failing', failure: { message: expect.stringMatching(/attic: GET .*refused/) } })
  expect(cellar).toMatchObject({ state: 'ok' })
  expect(stale.nowMs - (cellar?.storedUntilMs ?? 0)).toBeLessThanOrEqual(INTERVAL_MS + 2 * MINUTE_MS)
  expect((await house.get('/readyz')).body).toMatchObject({
    status: 'stale',
    devices: [
      { name: 'cellar', isReady: true },
      { name: 'attic', isReady: false, failure: expect.stringMatching(/attic: GET .*refused/) },
    ],
  })
  expect((await house.get('/healthz')).status).toBe(200)

  await house.devices[1]?.setPower('on')
  expect(await house.until(isReady)).toBeLessThanOrEqual(INTERVAL_MS + MINUTE_MS)
  // Its first answer after the start may know of no minute since.
  const isCurrent = async () => {
    const { nowMs, devices } = await status()
    return nowMs - (devices[1]?.storedUntilMs ?? 0) <= 2 * MINUTE_MS
  }
  expect(await house.until(isCurrent)).toBeLessThanOrEqual(INTERVAL_MS + MINUTE_MS)
  const well = await status()
  expect(well.devices.map(({ state }) => state)).toEqual(['ok', 'ok'])
  expect(well.devices[1]).not.toHaveProperty('failure')
})

/** As the program's own processes do it, which takes minutes. */
it.skipIf(process.env['LONG'] !== '1')('the simulator ends and starts again beside the daemon', async () => {
  const [port, webPort] = [await freePort(), await freePort()]
  const home = await openCliHome({
    store: { type: 'embedded' },
    interval: '1m',
    maxDeviceLoad: '100%',
    web: { listen: `127.0.0.1:${webPort}`, maxAge: '2m' },
    devices: [0, 1].map((index) => ({ name: `iwatt${index + 5}`, url: `http://127.0.0.1:${port + index}` })),
  })
  const simulate = () => home.start(['simulate', '--port', String(port), '--days', '1'])
  const get = async (path: string) => fetch(`http://127.0.0.1:${webPort}${path}`)
  const becomes = async (status: number, withinMs: number) => {
    const startedMs = Date.now()
    while ((await get('/readyz').catch(() => undefined))?.status !== status) {
      if (Date.now() - startedMs > withinMs) throw new Error(`/readyz did not become ${status} within ${withinMs} ms`)
      await new Promise((resolve) => setTimeout(resolve, 250))
    }
  }
  try {
    const first = simulate()
    await first.says(/iwatt6 {2}http/)
    const running = home.start(['run'])
    await becomes(200, 90_000)
    expect((await home.run(['healthcheck'])).code).toBe(0)

    first.kill('SIGTERM')
    await first.ended
    // Its newest minute may have closed just before.
    await becomes(503, 125_000)
    const stale = (await (await get('/api/v1/status')).json()) as Status
    for (const { state, storedUntilMs, failure } of stale.devices) {
      expect(state).toBe('failing')
      expect(failure?.message).toContain('refused')
      expect(stale.nowMs - storedUntilMs).toBeGreaterThan(2 * MINUTE_MS)
      expect(stale.nowMs - storedUntilMs).toBeLessThan(2 * MINUTE_MS + 5_000)
    }
    // It asks whether the daemon lives, and it does.
    expect((await home.run(['healthcheck'])).code).toBe(0)

    const second = simulate()
    await second.says(/iwatt6 {2}http/)
    await becomes(200, 75_000)
    const well = (await (await get('/api/v1/status')).json()) as Status
    expect(well.devices.map(({ state }) => state)).toEqual(['ok', 'ok'])

    running.kill('SIGTERM')
    await running.ended
    expect((await home.run(['healthcheck'])).code).toBe(1)
  } finally {
    await home.close()
  }
})
