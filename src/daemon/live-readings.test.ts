import { expect, it } from 'vitest'
import { createSimulatedClock } from '../../test/doubles/simulated-clock.ts'
import type { LiveReadings } from '../model/daemon.ts'
import type { LiveReading } from '../model/device.ts'
import { silentLog } from '../runtime/log.ts'
import { createLiveWatch } from './live-readings.ts'

const START_MS = Date.UTC(2026, 2, 27, 12)
const ANSWER_MS = 40

type Act = (atMs: number) => 'answers' | 'is busy' | 'fails' | 'is slow'

/** Devices that are asked every 5 s, each of which acts so. */
function setUp(acts: Readonly<Record<string, Act>>, intervalMs = 5_000) {
  const clock = createSimulatedClock(START_MS)
  const stop = new AbortController()
  const askedS: Record<string, number[]> = {}
  const sinceStartS = () => (clock.nowMs() - START_MS) / 1000
  const sources = Object.entries(acts).map(([name, act]) => ({
    name,
    async read(signal: AbortSignal): Promise<LiveReading | undefined> {
      ;(askedS[name] ??= []).push(sinceStartS())
      const acting = act(clock.nowMs())
      await clock.sleep(acting === 'is slow' ? 3_000 : ANSWER_MS, signal)
      if (acting === 'fails') throw new Error('no connection')
      if (acting === 'is busy') return undefined
      return { atMs: clock.nowMs(), tookMs: ANSWER_MS, watts: new Map([['Dryer', sinceStartS()]]) }
    },
  }))
  const live = createLiveWatch({ sources, intervalMs, clock, log: silentLog, signal: stop.signal })
  const watch = () => {
    const events: { atS: number; devices: readonly string[] }[] = []
    const note = ({ devices }: LiveReadings) => void events.push({ atS: sinceStartS(), devices: [...devices.keys()] })
    return { events, end: live.watch(note) }
  }
  return { clock, stop, live, askedS, watch }
}

it('asks once per interval for all who watch, at once for the first, and for nobody nothing', async () => {
  const { clock, askedS, watch } = setUp({ cellar: () => 'answers' })
  await clock.advance(20_000)
  expect(askedS).toEqual({})
  const [first, ...others] = [watch(), watch(), watch(), watch()]
  await clock.advance(12_000)
  const late = watch()
  expect(late.events).toEqual([{ atS: 32, devices: ['cellar'] }])
  await clock.advance(8_500)
  for (const { end } of [...others, late]) end()
  await clock.advance(10_000)
  expect(askedS['cellar']).toEqual([20, 25, 30, 35, 40, 45, 50])
  expect(first.events.map(({ atS }) => atS)).toEqual([20, 25, 30, 35, 40, 45, 50].map((atS) => atS + 0.04))
  expect(others[0]?.events).toHaveLength(5)
  first.end()
  await clock.advance(60_000)
  expect(askedS['cellar']).toHaveLength(7)
})

it('who closes and opens the page again and again has nothing asked more often', async () => {
  const { clock, askedS, watch } = setUp({ cellar: () => 'answers' })
  for (let round = 0; round < 40; round++) {
    const { end } = watch()
    await clock.advance(250)
    end()
    await clock.advance(250)
  }
  expect(askedS['cellar']).toEqual([0, 5, 10, 15])
})

it('a device that fails ends no other and is asked ever less often', async () => {
  const { clock, askedS, watch } = setUp({
    cellar: (atMs) => (atMs < START_MS + 300_000 ? 'fails' : 'answers'),
    attic: () => 'answers',
  })
  const { events } = watch()
  await clock.advance(290_000)
  expect(askedS['attic']).toHaveLength(59)
  expect(askedS['cellar']!.length).toBeLessThan(12)
  expect(new Set(events.map(({ devices }) => devices.join()))).toEqual(new Set(['attic']))
  await clock.advance(75_000)
  expect(events.at(-1)?.devices).toEqual(['cellar', 'attic'])
})

it('a slow device holds up no other, and is not asked twice', async () => {
  const { clock, askedS, watch } = setUp({ cellar: () => 'is slow', attic: () => 'answers' })
  const { events } = watch()
  await clock.advance(4_000)
  expect(events).toEqual([
    { atS: 1, devices: ['attic'] },
    { atS: 3, devices: ['cellar', 'attic'] },
  ])
  expect(askedS['cellar']).toEqual([0])
})

it('a reading of a busy device holds for two intervals', async () => {
  const { clock, watch } = setUp({ cellar: (atMs) => (atMs === START_MS ? 'answers' : 'is busy') })
  const { events } = watch()
  await clock.advance(15_500)
  expect(events.map(({ devices }) => devices.length)).toEqual([1, 1, 0])
})

it('a device that was busy is asked again a second later', async () => {
  const { clock, askedS, watch } = setUp({ cellar: (atMs) => (atMs < START_MS + 1_500 ? 'is busy' : 'answers') })
  const { events } = watch()
  await clock.advance(11_000)
  expect(askedS['cellar']?.map(Math.floor)).toEqual([0, 1, 2, 7])
  expect(events.map(({ devices }) => devices.length)).toEqual([0, 1, 1])
})

it('a long interval is kept, also where a device fails', async () => {
  const { clock, askedS, watch } = setUp({ cellar: () => 'answers', attic: () => 'fails' }, 300_000)
  watch()
  await clock.advance(901_000)
  expect(askedS).toEqual({ cellar: [0, 300, 600, 900], attic: [0, 300, 600, 900] })
})

it('tells what it costs', async () => {
  const { clock, live, watch } = setUp({ cellar: () => 'answers' })
  expect(live.cost('cellar')).toEqual({ intervalMs: 5_000 })
  watch()
  await clock.advance(11_000)
  expect(live.cost('cellar')).toEqual({ intervalMs: 5_000, answerMs: 40, share: 0.008 })
  expect(live.cost('nobody')).toBeUndefined()
})

it('ends with the daemon', async () => {
  const { clock, stop, askedS, watch } = setUp({ cellar: () => 'answers' })
  watch()
  await clock.advance(6_000)
  stop.abort()
  await clock.advance(60_000)
  expect(askedS['cellar']).toEqual([0, 5])
})
