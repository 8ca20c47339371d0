import { expect, it } from 'vitest'
import type { HouseFile, Setup } from '../api/answers.ts'
import { type Choices, choicesOf, rebase, repeatedGroups, rowsOf, settingsOf } from './choices.ts'

const LABELS: Readonly<Record<string, Record<string, string>>> = {
  Mains_1: { pair: 'Mains' },
  Mains_2: { pair: 'Mains' },
  Solar: { solar: 'Both' },
  Heat: { hvac: 'True' },
  Cool: { hvac: 'True' },
  Dryer_1: {},
  Dryer_2: {},
}

function setupOf(house?: HouseFile, more: Partial<Setup> = {}): Setup {
  return {
    ...(house && { house }),
    isInUse: true,
    variables: {},
    channels: Object.entries(LABELS).map(([location, labels]) => {
      return { id: location, device: 'a', location, labels, role: 'circuit', kind: 'input', watts: 5 } as const
    }),
    proposal: {
      mains: { locations: ['Mains_1', 'Mains_2'], reason: 'by name' },
      solar: { locations: ['Solar'], reason: 'by name' },
      wiring: { value: 'behind', reason: 'why' },
      groups: [{ name: 'Dryer', locations: ['Dryer_1', 'Dryer_2'], reason: 'legs of one' }],
      legs: [{ name: 'Dryer', locations: ['Dryer_1', 'Dryer_2'] }],
      timezone: { value: 'Europe/Berlin', reason: 'that of this machine' },
    },
    ...more,
  }
}

/** With some channels chosen otherwise. */
function choose(choices: Choices, changes: Readonly<Record<string, object>>, more: Partial<Choices> = {}): Choices {
  const channels = [...choices.channels].map(([key, choice]) => [key, { ...choice, ...changes[key] }] as const)
  return { ...choices, channels: new Map(channels), ...more }
}

const LABELLED: HouseFile = { mains: { pair: 'Mains' }, groups: { Air: { hvac: 'True' } }, names: { Gone: 'Old' } }

it('a house that nobody has set up is what is proposed', () => {
  const setup = setupOf()
  expect(settingsOf(choicesOf(setup), setup)).toEqual({
    timezone: 'Europe/Berlin',
    wiring: 'behind',
    mains: ['Mains_1', 'Mains_2'],
    solar: ['Solar'],
    groups: { Dryer: ['Dryer_1', 'Dryer_2'] },
  })
})

it.each<[string, HouseFile]>([
  ['nothing but a zone', { timezone: 'UTC' }],
  ['labels', LABELLED],
  [
    'lists with what no channel is called',
    { mains: ['Mains_2', 'Old', 'Mains_1'], solar: [], groups: { A: [], B: ['Heat'] } },
  ],
  ['a group that overlaps another', { groups: { One: ['Heat', 'Mains_1'], Air: { hvac: 'True' } } }],
  ['names and colours', { names: { Heat: 'Oven', Gone: 'X' }, colours: { Gone: 'blue', Solar: 'plum' } }],
])('a file with %s stays as it is while nothing is changed', (_, house) => {
  const setup = setupOf(house)
  expect(settingsOf(choicesOf(setup), setup)).toEqual(house)
})

it.each<[string, HouseFile, Record<string, object>, HouseFile]>([
  ['a role', {}, { Heat: { role: 'solar' } }, { solar: ['Solar', 'Heat'] }],
  ['no mains', {}, { Mains_1: { role: 'circuit' }, Mains_2: { role: 'circuit' } }, { mains: [] }],
  [
    'a leg that is none',
    { mains: ['Mains_2', 'Old', 'Mains_1'] },
    { Mains_1: { role: 'circuit' } },
    { mains: ['Mains_2', 'Old'] },
  ],
  ['one of a label', LABELLED, { Heat: { group: '' } }, { ...LABELLED, groups: { Air: ['Cool'] } }],
  ['a name', LABELLED, { Heat: { name: ' Oven ' } }, { ...LABELLED, names: { Gone: 'Old', Heat: 'Oven' } }],
  ['a colour', { colours: { Air: 'blue' } }, { Heat: { colour: 'plum' } }, { colours: { Air: 'blue', Heat: 'plum' } }],
])('%s changes what it is about', (_, house, changes, expected) => {
  const setup = setupOf(house)
  expect(settingsOf(choose(choicesOf(setup), changes), setup)).toEqual(expected)
})

it('a group that is renamed keeps its labels, and takes its colour along', () => {
  const setup = setupOf({ groups: { Air: { hvac: 'True' } }, colours: { Air: 'blue' } })
  const renamed = choose(choicesOf(setup), {}, { groups: [{ key: 'Air', name: 'Climate', colour: 'blue' }] })
  expect(settingsOf(renamed, setup)).toEqual({ groups: { Climate: { hvac: 'True' } }, colours: { Climate: 'blue' } })
})

it('what a variable sets stays in the file as it is', () => {
  const variables = { mains: 'IOTAWATT_SYNC_HOUSE_MAINS', timezone: 'IOTAWATT_SYNC_HOUSE_TIMEZONE' }
  const setup = setupOf({ mains: ['Old'], names: {} }, { variables })
  expect(settingsOf(choose(choicesOf(setup), {}, { timezone: 'UTC' }), setup)).toMatchObject({ mains: ['Old'] })
  expect(settingsOf(choicesOf(setup), setup)).not.toHaveProperty('timezone')
})

it('legs are one row while they are chosen alike', () => {
  const setup = setupOf()
  const choices = choicesOf(setup)
  const legs = (chosen: Choices, apart: readonly string[] = []) =>
    rowsOf(chosen, setup, new Set(apart)).filter(({ appliance }) => appliance === 'Dryer')
  expect(legs(choose(choices, { Dryer_1: { name: 'Left' } }))).toEqual([
    { appliance: 'Dryer', locations: ['Dryer_1', 'Dryer_2'] },
  ])
  expect(legs(choices, ['Dryer'])).toEqual([])
  expect(legs(choose(choices, { Dryer_1: { group: '' } }))).toEqual([])
})

it('what a person has chosen stays when the file has changed meanwhile, and so does what has changed there', () => {
  const base = choicesOf(setupOf({ timezone: 'UTC', groups: { Air: ['Heat'] } }))
  const theirs = choicesOf(
    setupOf({ timezone: 'Europe/Berlin', groups: { Air: ['Heat', 'Cool'] }, names: { Cool: 'Y' } }),
  )
  const mine = choose(base, { Solar: { name: 'Roof' }, Cool: { name: 'Mine' } })
  const now = rebase(base, mine, theirs)
  expect([now.timezone, now.channels.get('Solar')?.name, now.channels.get('Cool')]).toEqual([
    'Europe/Berlin',
    'Roof',
    { role: 'circuit', group: 'Air', name: 'Mine', colour: '' },
  ])
})

it('a group that was renamed keeps its labels also when it is saved once more', () => {
  const before = setupOf({ groups: { Air: { hvac: 'True' } } })
  const base = choicesOf(before)
  const mine = choose(
    base,
    { Solar: { role: 'circuit', group: '+1' } },
    {
      groups: [
        { key: 'Air', name: 'Climate', colour: '' },
        { key: '+1', name: 'Roof', colour: '' },
      ],
    },
  )
  const saved = setupOf(settingsOf(mine, before))
  const now = rebase(base, mine, choicesOf(saved))
  expect(now).toEqual(choicesOf(saved))
  expect(settingsOf(now, saved)).toEqual({ solar: [], groups: { Climate: { hvac: 'True' }, Roof: ['Solar'] } })
})

it('two groups of one name are found', () => {
  const groups = ['A', 'B', 'A'].map((name, index) => ({ key: String(index), name, colour: '' as const }))
  expect(repeatedGroups({ ...choicesOf(setupOf()), groups })).toEqual(['A'])
})
