export type Flow = 'import' | 'export' | 'net'

/** Which end of its interval a time is. */
export const STAMPS = ['start', 'end'] as const
export type Stamps = (typeof STAMPS)[number]

export interface EnergyColumn {
  readonly place: number
  readonly title: string
  readonly flow: Flow
  /** What makes kWh of a cell; by the hour where it is power. */
  readonly factor: number
  readonly isPower: boolean
}

/** Which columns of a meter's file are what, by their titles. */
export interface MeterColumns {
  /** Where date and time of an interval are, in this order; of its beginning, where the file has it. */
  readonly stamp: readonly number[]
  /** A date apart, for stamps that are a time alone. */
  readonly date?: number
  readonly stamps: Stamps | 'unknown'
  readonly stampTitle: string
  readonly energy: readonly EnergyColumn[]
  /** Where a row says in which direction its energy flowed. */
  readonly direction?: number
}

const UNIT = /(?<![a-z])(mwh|kwh|wh|kw)(?![a-z])|kilowatt[- ]?(hours?|stunden)/
const END = /(?<!\p{L})(end|ende|bis|tot|to|until|fim|fin|einde)(?!\p{L})/u
const START = /(?<!\p{L})(start|begin|beginn|von|van|from|ab|in[ií]cio|d[eé]but)(?!\p{L})/u
const DATE = /(?<!\p{L})(date|datum|data|fecha|day|tag|dag)(?!\p{L})/u
const TIME = /time|period|interval|zeit|hora|tijd|hour|uhr|stamp/
const EXPORT =
  /export|generat|received|return|einspeis|teruglever|injec|injet|feed-?in|to grid|sold|produ[ck]|abgabe|(?<!\p{L})lieferung|2\.8\.\d/u
const NET = /(?<!\p{L})(net|netto|saldo)(?!\p{L})/u
const ENERGY = /usage|consum|verbrauch|verbruik|bezug|import|deliver|levering|afname|energ|value|wert|1\.8\.\d/
const MONEY = /cost|price|charge|amount|preis|kosten|betrag|custo|pre[cç]o|prijs|[$€£]|\((p|ct|cents?)\)/
/** What is not of one interval. */
const TOTAL = /reading|stand(?!\p{L})|cumul|total|demand|quality|estimat|status/u
const DIRECTION = /^(type|flow|direction|register|richtung)$/

/** @returns undefined for a row that does not name a time and an energy. */
export function readHeader(cells: readonly string[]): MeterColumns | undefined {
  const titles = cells.map((cell) => cell.toLowerCase().replaceAll('_', ' '))
  const places = (is: (title: string) => boolean) => titles.flatMap((title, place) => (is(title) ? [place] : []))
  const isTime = (title: string) =>
    !UNIT.test(title) && !MONEY.test(title) && [END, START, DATE, TIME].some((words) => words.test(title))
  const times = places(isTime)
  const measured = places((title) => !isTime(title) && !MONEY.test(title) && (UNIT.test(title) || isFlow(title)))
  const energy = ofIntervals(measured, titles)
  if (times.length === 0 || energy.length === 0) return undefined
  const sideOf = (place: number) => {
    const title = titles[place] ?? ''
    return START.test(title) ? 'start' : END.test(title) ? 'end' : 'unknown'
  }
  const stamps = (['start', 'unknown', 'end'] as const).find((side) =>
    times.some((place) => sideOf(place) === side && (side !== 'unknown' || !isDateAlone(titles[place] ?? ''))),
  )
  const ownTimes = times.filter((place) => sideOf(place) === (stamps ?? 'unknown'))
  const date = times.find((place) => isDateAlone(titles[place] ?? '') && !ownTimes.includes(place))
  const direction = titles.findIndex((title) => DIRECTION.test(title))
  const isExport = energy.length === 1 && EXPORT.test(titles.join(' '))
  return {
    stamp: ownTimes,
    ...(date !== undefined && { date }),
    stamps: stamps ?? 'unknown',
    stampTitle: ownTimes.map((place) => cells[place] ?? '').join(' '),
    energy: energy.map((place) => energyColumn(place, cells[place] ?? '', isExport)),
    ...(direction >= 0 && { direction }),
  }
}

function isFlow(title: string): boolean {
  return [ENERGY, EXPORT, NET].some((words) => words.test(title))
}

function isDateAlone(title: string): boolean {
  return DATE.test(title) && !TIME.test(title) && !START.test(title) && !END.test(title)
}

/** Totals only where there is nothing else; power only without energy; a net value only without what it is made of. */
function ofIntervals(places: readonly number[], titles: readonly string[]): readonly number[] {
  const isNot = (words: RegExp) => (place: number) => !words.test(titles[place] ?? '')
  const prefer = (some: readonly number[], is: (place: number) => boolean) => (some.some(is) ? some.filter(is) : some)
  const ofUnit = prefer(places, (place) => UNIT.test(titles[place] ?? ''))
  const withoutPower = prefer(ofUnit, isNot(/(?<![a-z])kw(?![a-z])/))
  return prefer(prefer(withoutPower, isNot(TOTAL)), isNot(NET))
}

function energyColumn(place: number, title: string, isExport: boolean): EnergyColumn {
  const small = title.toLowerCase()
  const unit = /(?<![a-z])(mwh|wh|kw)(?![a-z])/.exec(small)?.[1]
  return {
    place,
    title,
    flow: isExport || EXPORT.test(small) ? 'export' : NET.test(small) ? 'net' : 'import',
    factor: unit === 'mwh' ? 1000 : unit === 'wh' ? 0.001 : 1,
    isPower: unit === 'kw',
  }
}

/** Of a row that names its direction. */
export function flowOfRow(cell: string): Flow {
  return EXPORT.test(cell.toLowerCase()) ? 'export' : 'import'
}
