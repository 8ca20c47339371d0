import { nearestName } from '../model/nearest-name.ts'
import type { HolidayPlace } from '../tariff/tariff.ts'
import places from './holiday-places.json'
import type { KeyProblem } from './schema-problems.ts'
import { showValue } from './show-value.ts'

const KNOWN: ReadonlyMap<string, string> = new Map(Object.entries(places))

/** What of a place the library of holidays does not know; it would take it for one without holidays. */
export function holidayProblems({ country, state, region }: HolidayPlace): KeyProblem[] {
  const codes = KNOWN.get(country)?.split(' ')
  const [path, found] = [['holidays', 'country'], showValue(country, ['holidays', 'country'])]
  if (!codes)
    return [{ path, message: `found ${found}; expected the code of a country, such as US or DE${suggest(country)}` }]
  const states = codes.flatMap((code) => (code === '' || code.includes('/') ? [] : code))
  if (state === undefined)
    return region === undefined
      ? []
      : [{ path: ['holidays', 'region'], message: 'found a region without a state; expected both' }]
  if (!states.includes(state)) return [unknown({ key: 'state', given: state, of: country, known: states })]
  const regions = codes.flatMap((code) => (code.startsWith(`${state}/`) ? code.slice(state.length + 1) : []))
  if (region === undefined || regions.includes(region)) return []
  return [unknown({ key: 'region', given: region, of: `${country}, ${state}`, known: regions })]
}

function unknown(what: { key: string; given: string; of: string; known: readonly string[] }): KeyProblem {
  const { key, given, of, known } = what
  const path = ['holidays', key]
  const expected =
    known.length === 0 ? `no ${key}, as ${of} has none with holidays of its own` : `one of ${known.join(', ')}`
  return { path, message: `found ${showValue(given, path)}; expected ${expected}` }
}

/** By its name in English, or the codes with the same letter. */
function suggest(given: string): string {
  const names = new Intl.DisplayNames('en', { type: 'region', fallback: 'code' })
  const codes = [...KNOWN.keys()]
  const nameOf = (code: string) => names.of(code) ?? code
  const upper = given.toUpperCase()
  const meant = /^[A-Z]{2}$/.test(upper) ? nameOf(upper) : nearestName(given, codes.map(nameOf))
  const code = codes.find((each) => nameOf(each) === meant)
  if (code !== undefined) return ` (did you mean "${code}"?)`
  const alike = codes.filter((each) => each.startsWith(upper.charAt(0)))
  return alike.length === 0 ? '' : `; with this letter: ${alike.join(', ')}`
}
