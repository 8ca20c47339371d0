import { fileURLToPath } from 'node:url'
import Calendar from 'date-holidays'
import { expect, test } from 'vitest'

const FILE = fileURLToPath(new URL('../../src/config/holiday-places.json', import.meta.url))

/** By country, its states, and `STATE/REGION`. */
function placesOf(calendar: Calendar): Record<string, string> {
  const codes = (found: Record<string, string> | undefined) => Object.keys(found ?? {})
  return Object.fromEntries(
    codes(calendar.getCountries()).map((country) => {
      const states = codes(calendar.getStates(country)).flatMap((state) => [
        state,
        ...codes(calendar.getRegions(country, state)).map((region) => `${state}/${region}`),
      ])
      return [country, states.join(' ')]
    }),
  )
}

/** So that a configuration is read without the library. */
test('the places whose holidays are known are those of the library', () =>
  expect(
    `${JSON.stringify(placesOf(new Calendar()), null, 2)}\n`,
    'src/config/holiday-places.json is out of date: npm run documents',
  ).toMatchFileSnapshot(FILE))
