import { expect, test } from 'vitest'
import { proposeHouse, type ProposalChannel } from '../src/house/propose-house.ts'
import { DAY_MS } from '../src/model/time-window.ts'
import { readLastWeek, withHours } from '../src/cli/last-week.ts'
import { generateHouse } from '../src/simulator/generate-house.ts'
import { TWO_UNITS } from '../src/simulator/two-unit-house.ts'
import { createSimulatedClock } from './doubles/simulated-clock.ts'
import { createSimulatedDevice } from './doubles/simulated-device.ts'
import { createSimulatedStore } from './doubles/simulated-store.ts'
import { inProcess } from './small-house.ts'

const { signal } = new AbortController()

/** The channels of both units with what they measured in a week. */
async function weekOf(seed: number, month: number): Promise<ProposalChannel[]> {
  const fromMs = Date.UTC(2026, month)
  const devices = [...generateHouse({ seed, fromMs })].map(async ([unitName, source]) => {
    const clock = createSimulatedClock(fromMs + 8 * DAY_MS + 37_000)
    const device = createSimulatedDevice({ source, clock })
    const context = inProcess(device, { clock, store: createSimulatedStore({ clock }) })
    const circuits = TWO_UNITS.filter(({ name }) => name === unitName).flatMap(({ channels }) => channels)
    const names = circuits.filter(({ type }) => type === 'CT').map(({ name }) => name)
    const status = await clock.runUntilDone(context.device.status(signal))
    const week = await clock.runUntilDone(readLastWeek(context.device, { ...status, names }, signal))
    return { week, channels: names.map((name) => ({ name, location: name, kind: 'input' as const })) }
  })
  return withHours(await Promise.all(devices))
}

const [seeds, months] = process.env['LONG']
  ? [
      [1, 2, 3, 4, 5, 6],
      [0, 3, 6],
    ]
  : [[1], [6]]
const MAINS = ['Mains_1', 'Mains_2']
const SOLAR = ['SolarA_1', 'SolarA_2', 'SolarB_1', 'SolarB_2']

/** In summer, what cools the house follows the sun too. */
test.each(seeds.flatMap((seed) => months.map((month) => [seed, month] as const)))(
  'the hours of house %i in month %i tell what its channels are, whatever they are called',
  async (seed, month) => {
    const channels = await weekOf(seed, month)
    const names = channels.map(({ location }) => location)
    const found = (left: (name: string) => boolean) => {
      const unnamed = channels.map((channel, index) => ({ ...channel, location: `Input ${index + 11}` }))
      const { mains, solar, wiring } = proposeHouse(unnamed.filter((_, index) => left(names[index] ?? '')))
      const named = (locations: readonly string[] = []) => locations.map((each) => names[Number(each.slice(6)) - 11])
      return { mains: named(mains?.locations), solar: named(solar?.locations), wiring: wiring?.value ?? 'ahead' }
    }
    const ahead = { wiring: 'ahead' }
    expect(found(() => true)).toEqual({ mains: MAINS, solar: SOLAR, ...ahead })
    expect(found((name) => !MAINS.includes(name))).toEqual({ mains: [], solar: SOLAR, ...ahead })
    expect(found((name) => !SOLAR.includes(name))).toEqual({ mains: MAINS, solar: [], ...ahead })
    expect(found((name) => ![...SOLAR, ...MAINS].includes(name))).toEqual({ mains: [], solar: [], ...ahead })
  },
)
