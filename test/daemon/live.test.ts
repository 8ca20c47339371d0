import { afterEach, expect, it } from 'vitest'
import type { Devices } from '../../src/api/daemon.ts'
import type { Live } from '../../src/api/house.ts'
import { HOUR_MS } from '../../src/model/time-window.ts'
import { freePort } from '../free-port.ts'
import { smallUnit } from '../small-house.ts'
import { type HouseDaemon, openHouseDaemon } from './house-daemon.ts'

let daemon: HouseDaemon | undefined
const stop = new AbortController()
afterEach(() => daemon?.close())

/** A daemon whose device has been copied, and what it sends to somebody who listens. */
async function listenTo(live: string) {
  const port = await freePort()
  daemon = await openHouseDaemon({
    startMs: Date.UTC(2026, 2, 27, 12, 0, 37),
    historyMs: HOUR_MS,
    units: [smallUnit('cellar')],
    config: { web: { listen: `127.0.0.1:${port}`, live } },
  })
  const url = `http://127.0.0.1:${port}`
  const ask = async (path: string): Promise<unknown> => (await fetch(url + path)).json()
  daemon.start()
  await daemon.until(async () => ((await ask('/api/v1/devices')) as Devices).devices[0]?.state === 'ok')
  const { body } = await fetch(`${url}/api/v1/events`, { signal: stop.signal })
  let text = ''
  void (async () => {
    for await (const part of body!.pipeThrough(new TextDecoderStream())) text += part
  })().catch(() => undefined)
  return {
    daemon,
    live: () => [...text.matchAll(/^event: live\ndata: (.*)$/gm)].map(([, data = '']) => JSON.parse(data) as Live),
    hasBegun: () => text.includes('event: status'),
    device: async () => ((await ask('/api/v1/devices')) as Devices).devices[0],
  }
}

it('who listens to the daemon is sent the present watts', async () => {
  const { daemon, live, device } = await listenTo('5s')
  /** In a socket answers take as long as they take, while a simulated second is over at once. */
  const known = () => live().filter(({ atMs }) => atMs !== undefined)
  await daemon.until(async () => known().length > 1)
  const [first] = known()
  expect(first?.devices).toEqual([
    {
      name: 'cellar',
      atMs: expect.any(Number),
      channels: { Furnace: expect.any(Number), Fridge: expect.any(Number), Dryer: expect.any(Number) },
    },
  ])
  expect((await device())?.live).toMatchObject({ intervalMs: 5_000, answerMs: expect.any(Number) })
})

it('off, nothing is asked', async () => {
  const { daemon, live, hasBegun, device } = await listenTo('off')
  await daemon.until(async () => hasBegun())
  const untilMs = daemon.clock.nowMs() + 20_000
  await daemon.until(async () => daemon.clock.nowMs() >= untilMs)
  expect(live()).toEqual([])
  expect(await device()).not.toHaveProperty('live')
})
