import { expect, test } from 'vitest'
import { loadText } from '../../test/test-config.ts'
import type { LabelRule } from '../model/channel.ts'
import { DEFAULT_LABEL_RULES } from './default-rules.ts'
import { labelsFor } from './labels-for.ts'
import { formatRules, rulesFor } from './rules-for.ts'

const LOCATIONS = ['Mains_1', 'SolarA_1', 'Furnace', 'BathroomHeat', 'Fridge', 'EV charger']
const device = 'iwatt5'

function rulesGiving(
  change: (labels: Readonly<Record<string, string>>, location: string) => Readonly<Record<string, string>>,
  rules: readonly LabelRule[] = DEFAULT_LABEL_RULES,
  locations: readonly string[] = LOCATIONS,
) {
  const expected = locations.map((location) => {
    const channel = { metric: 'power', location }
    return { channel, labels: change(labelsFor(channel, { device, rules }), location) }
  })
  return { expected, found: rulesFor(expected, { device, rules }) }
}

const without = (name: string) => (labels: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(labels).filter(([key]) => key !== name))

test.each<[string, Parameters<typeof rulesGiving>]>([
  ['a label that a proxy adds to all', [(labels) => ({ ...labels, dc: 'home' })]],
  ['another source', [(labels) => ({ ...labels, source: 'telegraf' })]],
  ['a label that a store drops from all', [without('type')]],
  ['a label that it drops from one', [(labels, at) => (at === 'Furnace' ? without('hvac')(labels) : labels)]],
  ['another value for one', [(labels, at) => (at === 'Fridge' ? { ...labels, type: 'Cold "one"' } : labels)]],
  [
    'nothing but who it is',
    [({ __name__ = '', source = '', device = '', location = '' }) => ({ __name__, source, device, location })],
  ],
  ['a name that YAML takes for more', [(labels) => ({ ...labels, no: 'on' })]],
  ...['E*', 'E?', '/(/', '/V/', '/(E+)+$/', '/^$/i', '[', '(', '\\', '/a.b|(c)/x/'].map(
    (odd): [string, Parameters<typeof rulesGiving>] => [
      `labels of ${odd} alone, whatever it reads as`,
      [(labels, at) => (at === odd ? { ...labels, a: 'b' } : labels), DEFAULT_LABEL_RULES, [odd, 'EV', `${odd}E`]],
    ],
  ),
  ['labels without any rules', [(labels) => ({ ...labels, dc: 'home' }), []]],
])('the block gives %s, and loads as it is pasted', async (_, given) => {
  const { expected, found = expect.unreachable() } = rulesGiving(...given)
  const { config } = await loadText(`devices: [{ name: a, url: http://a }]\n${formatRules(found).join('\n')}\n`)
  for (const { channel, labels } of expected)
    expect(labelsFor(channel, { device, rules: config.rules ?? [] })).toEqual(labels)
})

test('what a proxy adds to all is one rule behind those that apply by default', () => {
  const { found } = rulesGiving((labels) => ({ ...labels, dc: 'home' }))
  expect(found).toEqual([...DEFAULT_LABEL_RULES, { match: '*', set: { dc: 'home' } }])
})

test.each<[string, Parameters<typeof rulesGiving>]>([
  ['takes the source away', [without('source')]],
  ['sets a name that is none of a rule', [(labels) => ({ ...labels, __tenant__: '1' })]],
])('no rule %s', (_, given) => expect(rulesGiving(...given).found).toBeUndefined())
