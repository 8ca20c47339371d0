import * as z from 'zod'
import { choice, mapping, type Reading, textSetting } from './setting-kinds.ts'

const ZONE = 'a time zone such as Europe/Berlin or America/New_York'
const SELECTOR = 'labels that a channel must have, such as { pair: Mains }, or a list of locations'
const LOCATION = 'a location, in quotes'

const selector = (description: string) =>
  z
    .union(
      [
        z.record(z.string(), z.string({ error: 'text, in quotes' }), { error: SELECTOR }),
        z.array(z.string({ error: LOCATION }).min(1, { error: LOCATION }), { error: SELECTOR }),
      ],
      { error: SELECTOR },
    )
    .meta({ description })

export const houseSchema = mapping({
  timezone: textSetting({
    description: 'Days and hours are those of this zone.',
    expected: ZONE,
    examples: ['America/New_York'],
    read: readZone,
  })
    .meta({ leftOut: 'that of the machine' })
    .optional(),
  wiring: choice(
    ['ahead', 'behind'],
    'Where solar joins: ahead of the mains sensors, which then see the load of the house, or behind them: then they see the grid.',
  ).prefault('ahead'),
  mains: selector('The channels of the mains.').prefault({ pair: 'Mains' }),
  solar: selector('The channels of the inverters.').prefault({ solar: 'Both' }),
  groups: z
    .record(
      z.string().regex(/^.{1,60}$/, { error: 'a name of 1 to 60 characters' }),
      selector('Which circuits are of it.'),
      { error: 'a mapping of names to labels or locations, such as { Heating: { hvac: "True" } }' },
    )
    .meta({ description: 'Circuits by group; the first that fits counts, and what is left is Other.' })
    .prefault({}),
}).meta({ description: 'What the channels are in the house, for the dashboard.' })

function readZone(text: string): Reading<string> {
  try {
    return { value: new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone && text }
  } catch {
    return { expected: ZONE }
  }
}
