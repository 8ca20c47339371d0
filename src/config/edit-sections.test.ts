import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { editSections, UneditableError } from './edit-sections.ts'

const ODD = `# my house, since 2021
store:   { url: "http://vm:8428" }   # the big one

devices:
- &a {name: iwatt5, url: http://a}   # cellar
-   name: 'iwatt6'
    url: http://b

house:      # what is where
  # the mains
  mains:
    - Mains_1   # left
    - Mains_2
  solar: [ SolarA,
           SolarB ]   # two roofs

  groups:
    Heating: {hvac: "True"}  # all of it

    # the garage
    Garage:
      - Garage_1
      - Garage_2
  # that is all
  timezone: "America/New_York"

# below
interval:    5m
`
const HOUSE = parse(ODD).house

/** What changes, as `diff` shows it. */
function changes(before: string, after: string): string[] {
  const [old, now] = [before, after].map((text) => text.split('\n'))
  const shared = longestShared(old!, now!)
  return [...missing(old!, shared).map((line) => `-${line}`), ...missing(now!, shared).map((line) => `+${line}`)]
}

function longestShared(a: readonly string[], b: readonly string[]): string[] {
  const table = Array.from({ length: a.length + 1 }, () => Array.from({ length: b.length + 1 }, () => 0))
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      table[i]![j] = a[i] === b[j] ? table[i + 1]![j + 1]! + 1 : Math.max(table[i + 1]![j]!, table[i]![j + 1]!)
  const shared: string[] = []
  for (let i = 0, j = 0; i < a.length && j < b.length;)
    if (a[i] === b[j]) {
      shared.push(a[i]!)
      i++
      j++
    } else if (table[i + 1]![j]! >= table[i]![j + 1]!) i++
    else j++
  return shared
}

function missing(all: readonly string[], shared: readonly string[]): string[] {
  let next = 0
  return all.filter((line) => (line === shared[next] ? (next++, false) : true))
}

test.each<[string, object, string[]]>([
  ['nothing', HOUSE, []],
  [
    'the time zone',
    { ...HOUSE, timezone: 'Asia/Kathmandu' },
    ['-  timezone: "America/New_York"', '+  timezone: Asia/Kathmandu'],
  ],
  ['a third leg', { ...HOUSE, mains: ['Mains_1', 'Mains_2', 'Mains_3'] }, ['+    - Mains_3']],
  ['one leg in place of another', { ...HOUSE, mains: ['Mains_1', 'L2'] }, ['-    - Mains_2', '+    - L2']],
  ['a leg before the others', { ...HOUSE, mains: ['L0', 'Mains_1', 'Mains_2'] }, ['+    - L0']],
  [
    'other mains',
    { ...HOUSE, mains: ['X'] },
    ['-  mains:', '-    - Mains_1   # left', '-    - Mains_2', '+  mains: [X]'],
  ],
  [
    'labels in place of names',
    { ...HOUSE, mains: { pair: 'Mains' } },
    ['-  mains:', '-    - Mains_1   # left', '-    - Mains_2', '+  mains: { pair: Mains }'],
  ],
  [
    'solar over two lines',
    { ...HOUSE, solar: ['SolarA'] },
    ['-  solar: [ SolarA,', '-           SolarB ]   # two roofs', '+  solar: [SolarA]   # two roofs'],
  ],
  [
    'a group more',
    { ...HOUSE, groups: { ...HOUSE.groups, 'Küche: unten': ['Oven', 'yes'] } },
    ['+    "Küche: unten": [Oven, yes]'],
  ],
  [
    'a group less',
    { ...HOUSE, groups: { Heating: HOUSE.groups.Heating } },
    ['-    Garage:', '-      - Garage_1', '-      - Garage_2'],
  ],
  ['in a group', { ...HOUSE, groups: { ...HOUSE.groups, Garage: ['Garage_2'] } }, ['-      - Garage_1']],
  ['no groups', { ...HOUSE, groups: undefined }, []],
  ['what was not there', { ...HOUSE, wiring: 'behind' }, ['+  wiring: behind']],
])('%s: changes these lines alone', (_, house, lines) => {
  const expected = JSON.parse(JSON.stringify(house))
  const after = editSections(ODD, { house: expected })
  expect(parse(after)).toEqual({ ...parse(ODD), house: expected })
  if (lines.length > 0 || house === HOUSE) expect(changes(ODD, after)).toEqual(lines)
})

test.each([
  ['a file without', 'devices: [a]\n', 'devices: [a]\n\nhouse:\n  timezone: UTC\n  mains: [A, B]\n'],
  ['one without a last line end', 'devices: [a]', 'devices: [a]\n\nhouse:\n  timezone: UTC\n  mains: [A, B]'],
  [
    'one that ends with comments',
    'devices:\n  - a\n  # - b\n# bye\n',
    'devices:\n  - a\n  # - b\n# bye\n\nhouse:\n  timezone: UTC\n  mains: [A, B]\n',
  ],
  [
    'one with an end',
    '---\ndevices: [a]\n...\n',
    '---\ndevices: [a]\n\nhouse:\n  timezone: UTC\n  mains: [A, B]\n...\n',
  ],
  ['Windows', 'devices: [a]\r\n', 'devices: [a]\r\n\r\nhouse:\r\n  timezone: UTC\r\n  mains: [A, B]\r\n'],
  ['JSON in a line', '{"devices": ["a"]}', '{"devices": ["a"], "house": {"timezone":"UTC","mains":["A","B"]}}'],
  [
    'JSON in lines',
    '{\n  "devices": ["a"]\n}\n',
    '{\n  "devices": ["a"],\n  "house": {"timezone":"UTC","mains":["A","B"]}\n}\n',
  ],
  [
    'braces',
    'devices: [a]\nhouse: { mains: [A] } # x\n',
    'devices: [a]\nhouse: { mains: [A, B], timezone: UTC } # x\n',
  ],
  ['an empty house', 'house: {}\ndevices: [a]\n', 'house: { timezone: UTC, mains: [A, B] }\ndevices: [a]\n'],
  ['a house of nothing', 'house:\ndevices: [a]\n', 'house: { timezone: UTC, mains: [A, B] }\ndevices: [a]\n'],
])('%s takes a house', (_, before, after) => {
  expect(editSections(before, { house: { timezone: 'UTC', mains: ['A', 'B'] } })).toBe(after)
})

test.each([
  ['a value that is used elsewhere', 'house: { mains: &m [A] }\nlabels: *m\n'],
  ['an item that is used elsewhere', 'house:\n  mains:\n    - &a A\n    - B\nlabels: *a\n'],
  ['a section that is used elsewhere', 'house: &h { mains: [A] }\nlabels: *h\n'],
  ['no mapping', '- a\n'],
  ['no YAML', 'a: "b\n'],
])('%s is refused', (_, text) => {
  expect(() => editSections(text, { house: { mains: ['B'] } })).toThrow(UneditableError)
})

test('what is an alias of something else is written out', () => {
  const text = 'zone: &z UTC\nhouse:\n  timezone: *z   # the same\n'
  expect(editSections(text, { house: { timezone: 'Asia/Kathmandu' } })).toBe(
    'zone: &z UTC\nhouse:\n  timezone: Asia/Kathmandu   # the same\n',
  )
})

const MONEY = `currency: USD   # since we moved
billing: { day: 14 }
tariffs:
  # what we have
  - name: EV-TOU-5
    import:
      - { name: Off-peak, price: 0.25 }   # most hours
      - { name: On-peak, price: 0.62, hours: 16-21 }
    fixed: { perDay: 0.39 }
  # a plan
  - name: Flat
    applies: false
    import: [{ price: 0.31 }]   # for now
    export: [{ price: 0.05 }]
`
const TARIFFS = parse(MONEY).tariffs

test.each<[string, Parameters<typeof editSections>[1], string[]]>([
  [
    'a price',
    {
      tariffs: [
        { ...TARIFFS[0], import: [{ ...TARIFFS[0].import[0], price: 0.27 }, TARIFFS[0].import[1]] },
        TARIFFS[1],
      ],
    },
    [
      '-      - { name: Off-peak, price: 0.25 }   # most hours',
      '+      - { name: Off-peak, price: 0.27 }   # most hours',
    ],
  ],
  [
    'a price in brackets',
    { tariffs: [TARIFFS[0], { ...TARIFFS[1], import: [{ price: 0.33 }] }] },
    ['-    import: [{ price: 0.31 }]   # for now', '+    import: [{ price: 0.33 }]   # for now'],
  ],
  [
    'hours that are left out',
    {
      tariffs: [
        { ...TARIFFS[0], import: [TARIFFS[0].import[0], { name: 'On-peak', price: 0.62, days: 'Mon-Fri' }] },
        TARIFFS[1],
      ],
    },
    ['-      - { name: On-peak, price: 0.62, hours: 16-21 }', '+      - { name: On-peak, price: 0.62, days: Mon-Fri }'],
  ],
  [
    'one more period',
    {
      tariffs: [
        { ...TARIFFS[0], import: [...TARIFFS[0].import, { name: 'Night', price: 0.1, hours: '00-06' }] },
        TARIFFS[1],
      ],
    },
    ['+      - { name: Night, price: 0.1, hours: 00-06 }'],
  ],
  [
    'one more tariff',
    {
      tariffs: [
        ...TARIFFS,
        {
          name: 'New',
          import: [
            { name: 'A', price: 1 },
            { name: 'B', price: 2, hours: '0-6' },
          ],
        },
      ],
    },
    ['+  - name: New', '+    import:', '+      - { name: A, price: 1 }', '+      - { name: B, price: 2, hours: 0-6 }'],
  ],
  [
    'one tariff fewer, and a change of the next',
    { tariffs: [{ ...TARIFFS[1], applies: true }] },
    [
      '-  - name: EV-TOU-5',
      '-    import:',
      '-      - { name: Off-peak, price: 0.25 }   # most hours',
      '-      - { name: On-peak, price: 0.62, hours: 16-21 }',
      '-    fixed: { perDay: 0.39 }',
      '-    applies: false',
      '+    applies: true',
    ],
  ],
  ['a section that is taken away', { billing: undefined }, ['-billing: { day: 14 }']],
])('of tariffs, %s changes no other line', (_, sections, diff) => {
  expect(changes(MONEY, editSections(MONEY, sections))).toEqual(diff)
})

test('tariffs are added line by line', () => {
  const sections = {
    currency: 'EUR',
    tariffs: [{ name: 'One price', import: [{ price: 0.31 }], fixed: { perDay: 0.4 } }],
  }
  expect(editSections('stateDir: ./state\n', sections)).toBe(`stateDir: ./state

currency: EUR
tariffs:
  - name: One price
    import: [{ price: 0.31 }]
    fixed: { perDay: 0.4 }
`)
})

const name = fc.oneof(
  fc.constantFrom('A', 'True', 'no', '1', 'a: b', '# c', '*x', "it's", 'ä"ö', '-', '{'),
  fc.string({ minLength: 1 }),
)
const selector = fc.oneof(
  fc.uniqueArray(name, { minLength: 1, maxLength: 4 }),
  fc.dictionary(name, name, { minKeys: 1, maxKeys: 2, noNullPrototype: true }),
)
const house = fc.record(
  {
    timezone: name,
    wiring: fc.constantFrom('ahead', 'behind'),
    mains: selector,
    solar: selector,
    groups: fc.dictionary(name, selector, { minKeys: 1, maxKeys: 3, noNullPrototype: true }),
  },
  { requiredKeys: ['timezone'], noNullPrototype: true },
)
const layout = fc.record({
  collectionStyle: fc.constantFrom('any', 'block', 'flow'),
  indent: fc.integer({ min: 1, max: 5 }),
  indentSeq: fc.boolean(),
  lineWidth: fc.constantFrom(0, 20, 80),
})

/** Undefined where the comments have spoilt a text of several lines. */
function safely(text: string): { readonly house?: unknown; readonly tariffs?: unknown } | undefined {
  try {
    return parse(text)
  } catch {
    return undefined
  }
}

test('whatever a house was and shall be, in whatever layout', () => {
  fc.assert(
    fc.property(house, house, layout, fc.boolean(), (before, after, options, isCommented) => {
      const own = stringify(before, options).trimEnd().split('\n').join('\n  ')
      const section = `house:${own.startsWith('{') ? ' ' : '\n  '}${own}\n`
      const commented = isCommented ? section.replaceAll(/(?<=[\]}\w])\n/g, ' # c\n') : section
      const text = `# a\nstore: { url: x } # y\n${commented}# end\nz: 1\n`
      fc.pre(JSON.stringify(safely(text)?.house) === JSON.stringify(before))
      const edited = editSections(text, { house: after })
      expect(parse(edited)).toEqual({ store: { url: 'x' }, house: after, z: 1 })
      expect(edited).toMatch(/^# a\nstore: \{ url: x \} # y\n/)
      expect(edited).toMatch(/\n# end\nz: 1\n$/)
    }),
  )
})

const period = fc.record(
  {
    name,
    price: fc.integer({ min: -99, max: 99 }).map((cents) => cents / 100),
    hours: fc.constantFrom('16-21', '22-06'),
    days: fc.array(name),
  },
  { requiredKeys: ['price'], noNullPrototype: true },
)
const tariffs = fc.array(
  fc.record(
    {
      name,
      import: fc.array(period, { minLength: 1, maxLength: 3 }),
      export: fc.array(period, { minLength: 1, maxLength: 1 }),
      fixed: fc.dictionary(fc.constantFrom('perDay', 'perBill'), fc.integer(), { noNullPrototype: true }),
    },
    { requiredKeys: ['name', 'import'], noNullPrototype: true },
  ),
  { minLength: 1, maxLength: 4 },
)

test('whatever tariffs were and shall be, in whatever layout', () => {
  fc.assert(
    fc.property(tariffs, tariffs, layout, fc.boolean(), (before, after, options, isMixed) => {
      const own = stringify(before, options).trimEnd().split('\n').join('\n  ')
      const text = `# a\ntariffs:${own.startsWith('[') ? ' ' : '\n  '}${own}\n# end\nz: 1\n`
      fc.pre(JSON.stringify(safely(text)?.tariffs) === JSON.stringify(before))
      const expected = isMixed ? [...before.slice(1), ...after.slice(0, 1)] : after
      const edited = editSections(text, { tariffs: expected })
      expect(parse(edited)).toEqual({ tariffs: expected, z: 1 })
      expect(edited).toMatch(/^# a\n/)
      expect(edited).toMatch(/\n# end\nz: 1\n$/)
    }),
  )
})
