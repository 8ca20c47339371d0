import type { Page } from 'playwright-core'
import { untilQuiet } from '../dashboard/until-quiet.ts'
import { groupBy, type ComparedTruth, type ConsumerTruth, type Span, type SpanTruth } from './truth.ts'

/** How the numbers of the Energy view have to read, by the rules of the dashboard, and how they do. */

type Known = number | null

/** Kilowatt-hours: below 10 two decimals, below 100 one, else none. */
export function kwhText(wattHours: Known): string {
  if (wattHours === null) return '–'
  const kwh = wattHours / 1000
  const two = kwh.toFixed(2)
  const one = kwh.toFixed(1)
  return written(Math.abs(Number(two)) < 10 ? two : Math.abs(Number(one)) < 100 ? one : kwh.toFixed(0))
}

/** Watts below 1,000, else kilowatts: two decimals, from 10 one. */
export function powerText(watts: Known): string {
  if (watts === null) return '–'
  if (Math.abs(Math.round(watts)) < 1000) return `${written(watts.toFixed(0))} W`
  const two = (watts / 1000).toFixed(2)
  return `${written(Math.abs(Number(two)) < 10 ? two : (watts / 1000).toFixed(1))} kW`
}

export function shareText(part: Known, of: Known, digits = 0): string {
  return part === null || of === null || of <= 0 ? '–' : `${written(((100 * part) / of).toFixed(digits))} %`
}

export function changeText(now: Known, before: Known): string {
  if (now === null || before === null) return '–'
  if (before < 500) return now < 500 ? '–' : 'new'
  const percent = Math.round(100 * (now / before - 1))
  return `${percent > 0 ? '+' : ''}${written(percent.toFixed(0))} %`
}

function written(text: string): string {
  const [complete = '', decimals] = text.replace('-', '').split('.')
  const digits = complete.replace(/\B(?=(\d{3})+$)/g, ',') + (decimals === undefined ? '' : `.${decimals}`)
  return text.startsWith('-') && Number(text) !== 0 ? `−${digits}` : digits
}

/** Name, figure and what stands below it; `isPart` where minutes are missing in the sum. */
export function figuresOf({ sums, before, compared, columnMissing }: SpanTruth) {
  const partOf = ({ hours, days }: NonNullable<ComparedTruth>) =>
    hours === undefined
      ? days === undefined
        ? ''
        : ` in ${days} day${days === 1 ? '' : 's'}`
      : ` in ${hours} hour${hours === 1 ? '' : 's'}`
  const against = (both: ComparedTruth) => {
    if (both === null) return ''
    const [change, earlier] = [changeText(both.wattHours, both.beforeWattHours), kwhText(both.beforeWattHours)]
    return `${change === '–' ? `before: ${earlier}` : `${change} against ${earlier}`}${partOf(both)}`
  }
  const isComplete = (both: ComparedTruth) => both !== null && partOf(both) === ''
  const power = (label: string, key: 'house' | 'solar' | 'fromGrid' | 'toGrid') => ({
    label,
    figure: sums[key] === null ? '–' : `${kwhText(sums[key])} kWh`,
    below: before ? against(compared[key]) : '',
    isPart: columnMissing[key] > 0,
  })
  const ratio = (label: string, of: 'house' | 'solar', what: string) => ({
    label,
    figure: shareText(sums.used, sums[of]),
    below:
      before && isComplete(compared.used) && isComplete(compared[of])
        ? `${what}; before ${shareText(before.sums.used, before.sums[of])}`
        : what,
    isPart: false,
  })
  return [
    power('House', 'house'),
    power('Solar', 'solar'),
    power('From the grid', 'fromGrid'),
    power('To the grid', 'toGrid'),
    ratio('Self-sufficient', 'house', 'of the house'),
    ratio('Self-consumed', 'solar', 'of solar'),
  ]
}

/** The mark of a bar that is not over is of as much of the bar before. */
export function barsOf({ bars, marksSoFar, before }: SpanTruth): unknown[][] {
  const isAnyMissing = bars.some(({ missing }) => missing > 0)
  const isOff = bars.some(({ unmeasured }) => unmeasured > 0)
  return bars.map((bar, index) => [
    ...([bar.house, bar.solar, bar.used, bar.fromGrid, bar.toGrid, bar.unmetered] as const).map(kwhText),
    ...(before ? [kwhText(marksSoFar[index] ?? null)] : []),
    ...(isAnyMissing ? [String(bar.missing)] : []),
    ...(isOff ? [String(bar.unmeasured)] : []),
  ])
}

/** Rows by the name of a group, the greatest first; what is not metered comes last. */
export function consumersOf({ consumers, sums }: SpanTruth, groupOf: (id: string) => string): string[][] {
  const sumKnown = (values: readonly Known[]) => {
    const known = values.filter((value) => value !== null)
    return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0)
  }
  const sumCompared = (all: readonly ComparedTruth[]): ComparedTruth => {
    const known = all.filter((both) => both !== null)
    const sum = (of: 'wattHours' | 'beforeWattHours') => known.reduce((total, both) => total + both[of], 0)
    return known.length === 0 ? null : { wattHours: sum('wattHours'), beforeWattHours: sum('beforeWattHours') }
  }
  const groups = groupBy(
    consumers.filter(({ id }) => id !== 'unmetered'),
    ({ id }) => groupOf(id),
  )
  const rows = [...groups].map(([name, members]) => ({
    name,
    wattHours: sumKnown(members.map(({ wattHours }) => wattHours)),
    compared: sumCompared(members.map(({ compared }) => compared)),
  }))
  const rest = consumers.filter(({ id }) => id === 'unmetered')
  return [
    ...rows.sort((a, b) => (b.wattHours ?? -1) - (a.wattHours ?? -1)),
    ...rest.map((one: ConsumerTruth) => ({ ...one, name: 'Unmetered' })),
  ].map(({ name, wattHours, compared: both }) => [
    name,
    kwhText(wattHours),
    shareText(wattHours, sums.house, 1).replace(' %', ''),
    both === null ? '–' : changeText(both.wattHours, both.beforeWattHours),
  ])
}

const plain = (text: string | null) => (text ?? '').replaceAll(/[\u202f\u00a0]/g, ' ').trim()

export interface Shown {
  readonly figures: readonly { label: string; figure: string; below: string; isPart: boolean }[]
  readonly bars: readonly (readonly string[])[]
  /** By group, circuit and label. */
  readonly consumers: Readonly<Record<string, readonly (readonly string[])[]>>
  readonly hours: readonly string[]
}

const GROUPINGS = { groups: 'House groups', circuits: 'Circuits', type: 'type' } as const

/** Opens the view at a span and reads all that it says in figures. */
export async function readBatch(
  page: Page,
  { url, span, date }: { url: string; span: Span; date: string },
): Promise<Shown> {
  await page.goto(`${url}/energy?span=${span}&date=${date}`)
  const figures = page.locator('.reads.six .read')
  await page.locator('table.consumers tbody tr').first().waitFor()
  await page.getByRole('grid').waitFor()
  await untilQuiet(page)
  const read = await figures.evaluateAll((all) =>
    all.map((each) => ['.l', '.n', '.s'].map((part) => each.querySelector(part)?.textContent ?? '')),
  )
  await page.getByRole('button', { name: 'Table', exact: true }).first().click()
  await untilQuiet(page)
  const bars = await cellsOf(page, '[aria-label="Table of the bars"] tbody tr', 'td')
  const consumers: Record<string, string[][]> = {}
  for (const [by, button] of Object.entries(GROUPINGS)) {
    if (by === 'type') await page.getByRole('button', { name: 'By label', exact: true }).click()
    await page.getByRole('button', { name: button, exact: true }).click()
    await page.locator(`button[aria-pressed=true]`, { hasText: button }).waitFor()
    await untilQuiet(page)
    consumers[by] = await cellsOf(page, 'table.consumers tbody tr:not(.part)', 'th, td.num:not(:last-child)')
  }
  return {
    figures: read.map(([label = '', figure = '', below = '']) => ({
      label: plain(label),
      figure: plain(figure).replace('≥ ', ''),
      below: plain(below),
      isPart: figure.includes('≥'),
    })),
    bars,
    consumers,
    hours: await hourCells(page),
  }
}

async function cellsOf(page: Page, rows: string, cells: string): Promise<string[][]> {
  const found = await page
    .locator(rows)
    .evaluateAll(
      (all, inner) => all.map((row) => [...row.querySelectorAll(inner)].map((cell) => cell.textContent)),
      cells,
    )
  return found.map((row) => row.map(plain))
}

/** Of the first day, as the keys lead through it. */
async function hourCells(page: Page): Promise<string[]> {
  const grid = page.locator('.cells[role=grid]')
  await grid.focus()
  const said: string[] = []
  await page.keyboard.press('Home')
  for (let hour = 0; hour < 24; hour++) {
    said.push(plain(await grid.getByRole('gridcell').textContent()))
    await page.keyboard.press('ArrowRight')
  }
  return said
}

/** What the cells of a day have to say, after their names: two values where the clock shows an hour twice. */
export function hourTexts(names: readonly string[], means: readonly Known[]): string[] {
  return Array.from({ length: 24 }, (_, hour) => {
    const own = means.filter((_mean, index) => Number(names[index]?.slice(11, 13)) === hour)
    return own.length === 0 ? 'the clock leaves this hour out' : own.map(powerText).join(' and, once more, ')
  })
}
