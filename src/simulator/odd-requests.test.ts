import { expect, it } from 'vitest'
import { loadCardFixture, RECORDED_AT_MS } from './fixtures/load-fixtures.ts'
import { generateHouse } from './generate-house.ts'
import { createSimulatedDevice } from '../../test/doubles/simulated-device.ts'
import { cardSource } from './start-simulator.ts'

const lab = createSimulatedDevice({
  source: cardSource(loadCardFixture('lab')),
  clock: { nowMs: () => RECORDED_AT_MS },
})

function ask(url: string, method = 'GET') {
  const { status, body, connection } = lab.answer({ method, url })
  return connection === 'reset' ? 'reset' : `${status} ${body}`
}

const hour = (begin: string, rest = '') =>
  ask(`/query?select=[time.utc.unix,main_1.wh]&begin=${begin}&end=1717200000&group=all${rest}`)

// What the firmware's own code answered.
it.each([
  ['2024-05-31T', 1_717_128_000],
  ['2024-05-31T05:', 1_717_146_000],
  ['2024-05-31T06:00:', 1_717_149_600],
  ['02024-05-31', 1_717_128_000],
  ['2024-+05-31', 1_717_128_000],
  ['%202024-05-31', 1_717_128_000],
  // Before the 5 s log begins, to the minute.
  ['2024-05-31T05:00:-30', 1_717_145_940],
  ['1717199520%zz', 1_717_199_520],
])('takes the time %s', (begin, beginS) => {
  expect(hour(begin)).toMatch(new RegExp(`^200 \\[\\[${beginS},`))
})

it.each(['2024-05-31T25', '2024-05-31T05:00:00.000Z', '2024-05-', '1717199520x', 'd-0d', '2100-01-01'])(
  'refuses the time %s',
  (begin) => expect(hour(begin)).toMatch(/^400 .*unspecified/),
)

it('times have 32 bits, of which the header takes one for a sign', () => {
  const ends = (end: string) => ask(`/query?select=[main_1]&begin=1717199940&end=${end}&group=all&header=yes`)
  expect(ends('4294967300')).toMatch(/^400 /)
  expect(ends('2040-01-01')).toContain('"range":[1717199940,-2085960496]')
})

it('a group that overflows gets nowhere', () => {
  expect(ask('/query?select=[main_1]&begin=1717196400&end=1717200000&group=9999999999h')).toBe('200 [[448.1]')
})

it('a pair without a name is passed over where it is the last', () => {
  expect(hour('1717196400', '&=x')).toMatch(/^200 /)
  expect(hour('1717196400', '&=x&a=b')).toBe('reset')
})

it('a column without a name is missed only where there is something to print', () => {
  const rows = (begin: number) => ask(`/query?select=[,main_1]&begin=${begin}&end=${begin + 60}&group=1m`)
  expect(rows(1_800_000_000)).toBe('200 [[null,null]]')
  expect(rows(1_717_196_400)).toBe('reset')
})

it('a lone time whose missing rows are skipped never ends where nothing was logged yet', () => {
  const source = generateHouse({ fromMs: 1_716_940_800_000 }).get('iwatt5') ?? expect.unreachable()
  const device = createSimulatedDevice({ source, clock: { nowMs: () => RECORDED_AT_MS } })
  const url = '/query?select=[time]&begin=1716940800&end=1716944400&group=1m&missing=skip'
  expect(device.answer({ method: 'GET', url }).connection).toBe('reset')
})

it('a space ends the request', () => {
  expect(ask('/query?select=[main_1]&begin=1717196400 &end=1717200000&group=all')).toMatch(/^400 .*Missing begin/)
})

it.each([
  ['GET', '/x?download=yes&select=[main_1]&begin=1717196400&end=1717200000&group=all', /^200 \[\[/],
  ['POST', '/x?download=yes&select=[main_1]&begin=1717196400&end=1717200000&group=all', /^200 \[\[/],
  ['GET', '/x?download=1&select=[main_1]&begin=1717196400&end=1717200000&group=all', /^404 Not found: GET/],
  ['POST', '/query?show=series', /^404 Not found: POST/],
  ['POST', '/config.txt', /^200 \{/],
  ['PUT', '/config.txt', /^200 \{/],
  ['GET', '/command?x=1', /^400 Unrecognized request$/],
])('%s %s', (method, url, expected) => expect(ask(url, method)).toMatch(expected))

it('the list of feeds leaves out outputs with a space in their name', () => {
  lab.setOutput('two words', '@1')
  expect(ask('/query?show=series')).toContain('two words')
  expect(ask('/feed/list.json')).not.toContain('two words')
  lab.removeChannel('two words')
})
