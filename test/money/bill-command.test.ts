import { truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { DEFAULT_LABEL_RULES } from '../../src/labels/default-rules.ts'
import { labelsFor } from '../../src/labels/labels-for.ts'
import { MINUTE_MS } from '../../src/model/time-window.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { openEmbedded } from '../../src/store/embedded/open-embedded.ts'
import { type CliHome, openCliHome } from '../cli-home.ts'
import { truthBill } from './bill-truth.ts'

const ZONE = 'America/New_York'
const { signal } = new AbortController()
/** The day on which clocks are put forward is among them. */
const [FROM_MS, UNTIL_MS] = [Date.parse('2026-03-06T00:00-05:00'), Date.parse('2026-03-10T00:00-04:00')]
const GAP = [Date.parse('2026-03-07T09:10-05:00'), Date.parse('2026-03-07T10:40-05:00')] as const
const FLAT = { name: 'Flat', applies: false, import: [{ price: 0.31 }] }
const TOU = {
  name: 'TOU',
  since: '2026-01-01',
  import: [
    { name: 'Off-peak', price: 0.25 },
    { name: 'On-peak', price: 0.62, hours: '16-21' },
  ],
  export: [{ price: 0.06 }],
  fixed: { perDay: 0.39, perBill: 10 },
  tiers: [{ upToPerDay: 10.5, add: -0.1 }, { add: 0 }],
  demand: [{ name: 'Peak', hours: '17-21', window: '15m', pricePerKw: 9.19 }],
  tax: '8.5%',
}
const NEXT = { ...TOU, since: '2026-03-09', fixed: { perDay: 0.5 } }
const CONFIG = {
  store: { type: 'embedded' },
  devices: [{ name: 'iwatt5', url: 'http://127.0.0.1:1' }],
  house: { timezone: ZONE, mains: ['Mains_1', 'Mains_2'], solar: ['SolarA_1'] },
  currency: 'USD',
  billing: { starts: ['2026-03-06'] },
  tariffs: [TOU, NEXT, FLAT],
}

let home: CliHome
let grid: { fromGrid: number[]; toGrid: number[] }

/** A gap of mains, and channels whose first minutes are of no device. */
beforeAll(async () => {
  home = await openCliHome(CONFIG)
  const store = await openEmbedded({ folder: join(home.folder, 'data', 'store') }, { clock: systemClock })
  const values = ['Mains_1', 'Mains_2', 'SolarA_1', 'Fridge'].map((location, place) => {
    const timestampsMs: number[] = []
    const values: number[] = []
    for (let atMs = FROM_MS; atMs < UNTIL_MS; atMs += MINUTE_MS) {
      if (location === 'Mains_2' && atMs >= GAP[0] && atMs < GAP[1]) continue
      const sun = Math.max(0, Math.sin(((atMs - FROM_MS) / 86_400_000 - 0.25) * 2 * Math.PI))
      timestampsMs.push(atMs)
      values.push(
        place === 2 ? Math.round(300_000 * sun) / 100 : (15_000 + (((atMs / MINUTE_MS) * (place + 7)) % 91_199)) / 100,
      )
    }
    return {
      labels: labelsFor({ metric: 'power', location }, { device: 'iwatt5', rules: DEFAULT_LABEL_RULES }),
      timestampsMs,
      values,
    }
  })
  await store.write(values, signal)
  await store.persist(signal)
  await store.close()
  const columns = values.map(
    ({ timestampsMs, values: own }) => new Map(timestampsMs.map((atMs, index) => [atMs, own[index]!])),
  )
  const minutes = Array.from({ length: (UNTIL_MS - FROM_MS) / MINUTE_MS }, (_, index) => FROM_MS + index * MINUTE_MS)
  const net = minutes.map((atMs) => {
    const [first, second, sun] = columns.map((column) => column.get(atMs) ?? NaN)
    return first! + second! - sun!
  })
  grid = { fromGrid: net.map((watts) => Math.max(0, watts)), toGrid: net.map((watts) => Math.max(0, -watts)) }
})
afterAll(() => home.close())

const near = (value: number) => expect.closeTo(value, 9 - Math.ceil(Math.log10(Math.max(1, Math.abs(value)))))
const bill = async (...args: string[]) => {
  const { stdout, stderr, code } = await home.run(['bill', ...args])
  return { stdout, stderr, code }
}
const DAYS = ['--from', '2026-03-06', '--to', '2026-03-10']

test('a bill is that of the specification, and the tariff that begins within makes two of it', async () => {
  const { stdout, code } = await bill(...DAYS, '--json')
  expect(code).toBe(0)
  const { currency, bills } = JSON.parse(stdout)
  expect(currency).toBe('USD')
  const edges = ['2026-03-06', '2026-03-09', '2026-03-10']
  expect(bills).toHaveLength(2)
  for (const [index, tariff] of [TOU, NEXT].entries()) {
    const [from, to] = [edges[index]!, edges[index + 1]!]
    const truth = truthBill(tariff, from, to, { zone: ZONE, holidays: [], fromMs: FROM_MS, ...grid })
    expect(bills[index]).toMatchObject({
      tariff: 'TOU',
      from,
      to,
      days: index === 0 ? 3 : 1,
      importKwh: near(truth.importKwh),
      exportKwh: near(truth.exportKwh),
      missingMinutes: index === 0 ? 90 : 0,
      unpricedKwh: 0,
      unpricedExportKwh: 0,
      total: near(truth.total),
    })
    const demand = bills[index].lines.find(({ kind }: { kind: string }) => kind === 'demand')
    expect(demand.amount).toEqual(near(truth.kinds['demand'] ?? NaN))
  }
  expect(bills[0].lines.map(({ kind, name }: { kind: string; name: string }) => [kind, name])).toEqual([
    ['import', 'Off-peak'],
    ['import', 'On-peak'],
    ['export', 'Export'],
    ['tier', 'Tier 1'],
    ['tier', 'Tier 2'],
    ['demand', 'Peak'],
    ['fixed', 'Per day'],
    ['fixed', 'Per bill'],
    ['tax', 'Tax'],
  ])
})

test('for a person, each line is rounded for itself, and what is missing is named', async () => {
  const { stdout, code } = await bill(...DAYS)
  expect(code).toBe(0)
  expect(stdout).toContain('TOU, 2026-03-06 to 2026-03-09, 3 days\n')
  expect(stdout).toMatch(/total +≥ \$\d+\.\d\d\n/)
  expect(stdout).toContain('missing: 90 minutes: 2026-03-07T09:10-05:00 to 2026-03-07T10:40-05:00')
})

test('--compare shows every plan beside what is billed, and --tariff one of them', async () => {
  const { stdout } = await bill(...DAYS, '--compare', '--json')
  const { bills } = JSON.parse(stdout)
  expect(bills.map(({ tariff, from }: { tariff: string; from: string }) => [tariff, from])).toEqual([
    ['TOU', '2026-03-06'],
    ['Flat', '2026-03-06'],
    ['TOU', '2026-03-09'],
  ])
  expect(bills[1].total).toBeCloseTo(bills[1].importKwh * 0.31, 9)
  expect((await bill(...DAYS, '--compare')).stdout).toMatch(/bill +billed +TOU +Flat\n.+≥ \$.+\(\+\$0\.00\).+\(.\$/)
  expect(JSON.parse((await bill(...DAYS, '--tariff', 'Flat', '--json')).stdout).bills).toEqual([bills[1]])
})

test('--month is of the bills that began in it; --csv has a row per line', async () => {
  const { bills } = JSON.parse((await bill('--month', '2026-03', '--json')).stdout)
  expect(bills.map(({ from, to }: { from: string; to: string }) => [from, to])).toEqual([
    ['2026-03-06', '2026-03-09'],
    ['2026-03-09', '2026-04-01'],
  ])
  const [head, first] = (await bill(...DAYS, '--csv')).stdout.split('\n')
  expect(head).toBe(
    'tariff,from,to,days,importKwh,exportKwh,missingMinutes,unpricedKwh,unpricedExportKwh,kind,name,kwh,kw,at,lineDays,price,amount',
  )
  expect(first).toMatch(/^TOU,2026-03-06,2026-03-09,3,[\d.]+,[\d.]+,90,0,0,import,Off-peak,[\d.]+,,,,0\.25,[\d.]+$/)
})

test('without flags: the running bill, then those before', async () => {
  const { stdout, code } = await bill()
  expect(code).toBe(0)
  expect(stdout).toMatch(/^TOU, .+\n/)
  expect(stdout).toMatch(/2026-03-06 to 2026-03-09, 3 days +TOU/)
})

/** Hours of two days, as a meter that counts 4 % more has them. */
async function writeMeterFile(): Promise<string> {
  const file = join(home.folder, 'meter.csv')
  const rows = Array.from({ length: 47 }, (_, hour) => {
    const first = 24 * 60 + hour * 60
    const kwhOf = (column: readonly number[]) =>
      (1.04 * column.slice(first, first + 60).reduce((sum, watts) => sum + (watts || 0), 0)) / 60_000
    const time = new Date(FROM_MS + first * MINUTE_MS).toISOString()
    return `${time},${kwhOf(grid.fromGrid)},${kwhOf(grid.toGrid)}\n`
  })
  await writeFile(file, `Start,Import kWh,Export kWh\n${rows.join('')}`)
  return file
}

test('--against shows where a meter and what is measured part', async () => {
  const file = await writeMeterFile()
  const { stdout, code } = await bill('--against', file)
  expect(code).toBe(0)
  expect(stdout).toContain('meter.csv: kWh of 60 minutes from the column Import kWh, Export kWh; Start is the start')
  expect(stdout).toMatch(/\nimport\n  day .+\n  2026-03-07 .+90 minutes\n  2026-03-08 .+\(-3\.8 %\)\n/)
  expect(stdout).toMatch(/\nexport\n[^]+looks like 1\.040 × what is measured/)
  const { flows } = JSON.parse((await bill('--against', file, '--json')).stdout)
  expect(flows.map(({ flow, factor }: { flow: string; factor: number }) => [flow, factor])).toEqual([
    ['import', near(1.04)],
    ['export', near(1.04)],
  ])
  expect(flows[0].days).toMatchObject([
    { day: '2026-03-07', missingMinutes: 90, unreadMinutes: 0 },
    { day: '2026-03-08', missingMinutes: 0, percent: near(100 / 1.04 - 100) },
  ])
  const [head, first] = (await bill('--against', file, '--csv')).stdout.split('\n')
  expect(head).toBe('flow,day,meteredKwh,measuredKwh,differenceKwh,percent,missingMinutes,unreadMinutes')
  expect(first).toMatch(/^import,2026-03-07,[\d.]+,[\d.]+,-[\d.]+,-[\d.]+,90,0$/)
})

test('a file that is none of a meter is refused with its line', async () => {
  const file = join(home.folder, 'bad.csv')
  await writeFile(file, 'Start,kWh\n2026-03-07 00:00,1\n2026-03-07 01:00,x\n')
  expect(await bill('--against', file)).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/bad.csv:3: found .+; expected kWh/),
  })
  expect((await bill('--against', `${file}x`)).stderr).toContain('ENOENT')
  await truncate(file, 32 * 1024 * 1024 + 1)
  expect((await bill('--against', file)).stderr).toContain('it is longer than 32768 kB')
})

test.each([
  [['--against', 'a.csv', '--month', '2026-03'], 'expected no --month beside it'],
  [['--stamps', 'end'], 'expected --against beside it'],
  [['--month', '2026-13'], '--month 2026-13: expected a month such as 2026-03'],
  [['--from', '2026-02-30'], '--from 2026-02-30: expected a date such as 2026-03-01'],
  [['--from', '2126-02-20'], '--from 2126-02-20 is in the future'],
  [['--from', '2026-03-03', '--to', '2026-03-03'], '--to must be later than --from'],
  [['--to', '2026-03-03'], '--to wants --from beside it'],
  [['--tariff', 'Flatt'], 'there are: TOU, Flat'],
  [['--tariff', 'Flat', '--compare'], 'expected one of the two'],
  [['--month', '2026-03', '--from', '2026-03-03'], 'expected one of the two'],
  [['--json', '--csv'], '--json and --csv exclude each other'],
  [['iwatt5'], 'a bill is of the house, not of some of its devices'],
  [['--from', '2025-03-03', '--to', '2025-03-04'], 'no tariff is in force on these days'],
])('%j is refused', async (args, expected) => {
  const { stderr, code } = await bill(...args)
  expect(stderr).toContain(expected)
  expect(code).toBe(2)
})
