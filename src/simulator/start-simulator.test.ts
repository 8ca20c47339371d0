import { expect, it } from 'vitest'
import { DAY_MS } from '../model/time-window.ts'
import { silentLog } from '../runtime/log.ts'
import { cardFixtureFolder, RECORDED_AT_MS } from './fixtures/load-fixtures.ts'
import { startSimulator } from './start-simulator.ts'

async function statusOf(url: string): Promise<{ datalogs: { lastkey: number }[]; stats: { currenttime: number } }> {
  return JSON.parse(await (await fetch(`${url}/status?datalogs=&stats=`)).text())
}

async function lastKey(url: string): Promise<number> {
  return (await statusOf(url)).datalogs[0]?.lastkey ?? 0
}

it('serves card folders, each at an address of its own, at the end of their logs', async () => {
  const cards = (['iwatt5', 'iwatt6'] as const).map((name) => ({ name, ...cardFixtureFolder(name) }))
  const simulator = await startSimulator({ cards, log: silentLog })
  expect(simulator.devices.map(({ name }) => name)).toEqual(['iwatt5', 'iwatt6'])
  expect(new Set(simulator.devices.map(({ url }) => url)).size).toBe(2)
  for (const { url } of simulator.devices) {
    expect(await lastKey(url)).toBe(1_717_200_000)
    const { currenttime } = (await statusOf(url)).stats
    expect(Math.abs(currenttime * 1000 - RECORDED_AT_MS)).toBeLessThan(600_000)
  }
  await simulator.close()
  for (const { remove } of cards) remove()
})

it('starts a month of a house with two units, up to its end', async () => {
  const clockMs = Date.UTC(2024, 5, 1)
  const simulator = await startSimulator({ house: { fromMs: clockMs - 30 * DAY_MS }, clockMs, log: silentLog })
  for (const { url } of simulator.devices) expect(await lastKey(url)).toBeGreaterThanOrEqual(clockMs / 1000)
  await simulator.close()
})

it('a load is switched on and off, also seen by the mains', async () => {
  const simulator = await startSimulator({ house: { fromMs: Date.now() - DAY_MS }, log: silentLog })
  const [iwatt5 = '', iwatt6 = ''] = simulator.devices.map(({ url }) => url)
  const answerOf = async (path: string) => (await fetch(path)).text()
  const watts = async () => {
    const { inputs }: { inputs: { Watts: string }[] } = JSON.parse(await answerOf(`${iwatt5}/status?inputs=`))
    return [1, 2].reduce((sum, channel) => sum + Number(inputs[channel]?.Watts), 0)
  }
  const before = await watts()
  expect(await answerOf(`${iwatt6}/switch?load=Dryer&watts=60000`)).toBe('Dryer: 60000 W\n')
  await expect.poll(watts).toBeGreaterThan(before + 30_000)
  await answerOf(`${iwatt6}/switch?load=Dryer&watts=0`)
  await expect.poll(watts).toBeLessThan(before + 10_000)
  const refused = await fetch(`${iwatt5}/switch?load=Line&watts=1`)
  expect([refused.status, await refused.text()]).toEqual([400, expect.stringContaining('load: one of SolarA')])
  await simulator.close()
})

it('closes what it has opened when a card is missing', async () => {
  await expect(startSimulator({ cards: [{ name: 'no', folder: '/nowhere' }], log: silentLog })).rejects.toThrow(
    'config.txt',
  )
})
