import { expect, it } from 'vitest'
import type { DeviceState, House, Status } from '../api/answers.ts'
import { houseTime } from '../text/house-time.ts'
import { publish } from '../text/time.ts'
import { findNotes, isTrunkLate } from './note.ts'

const MIN = 60_000
const at = (time: string) => Date.parse(`2026-03-27T${time}Z`)
const NOW_MS = at('05:14')
const formatter = publish(houseTime('Etc/UTC'), NOW_MS)
const REFUSED =
  'GET http://192.0.2.7/query?select=[time]: connection refused\n  check that it is on and that its address is correct'

const house = {
  hasMains: true,
  hasSolar: true,
  channels: [
    { id: 'Mains', device: 'iwatt5', role: 'mains' },
    { id: 'Solar', device: 'iwatt5', role: 'solar' },
    { id: 'Dryer', device: 'iwatt6', role: 'circuit' },
  ],
} as unknown as House

function device(name: string, more: Partial<DeviceState> = {}): DeviceState {
  const history = { state: 'done', isPaused: false, doneMinutes: 1, totalMinutes: 1 } as const
  return { name, state: 'ok', history, storedUntilMs: at('05:13'), nextPassMs: at('05:15'), ...more }
}
const failing = (name: string, of: 'device' | 'store' | 'writer' | 'identity' | undefined, more = {}) =>
  device(name, {
    state: 'failing',
    storedUntilMs: at('05:02'),
    failure: { message: `${name}: ${REFUSED}`, sinceMs: at('05:01'), ...(of && { of }) },
    ...more,
  })

function statusOf(devices: readonly DeviceState[], store: Partial<Status['store']> = {}): Status {
  return {
    nowMs: NOW_MS,
    startedAtMs: 0,
    version: '',
    isDemo: false,
    timezone: 'Etc/UTC',
    maxAgeMs: 15 * MIN,
    intervalMs: 5 * MIN,
    store: { name: 'a store', state: 'ok', ...store },
    devices,
    sums: { state: 'ready', doneDays: 1, totalDays: 1 },
  }
}
const notes = (status: Status) =>
  findNotes({ status, house, timeline: undefined, jobs: [], nowMs: NOW_MS, formatter }).map(({ title, meaning }) => [
    title,
    meaning,
  ])
const down = {
  state: 'failing',
  failure: { message: 'connection refused (ECONNREFUSED)', sinceMs: at('05:03') },
} as const

it('one that measures circuits: what does not need it is current', () => {
  expect(notes(statusOf([device('iwatt5'), failing('iwatt6', 'device')]))).toEqual([
    [
      'iwatt6 has not answered since 05:01.',
      'While it has power, it keeps measuring: what is logged meanwhile is copied when it answers again. House, solar and grid do not need it and are current. 1 circuit of it is not known, so neither is Unmetered. Check that it is on and that its address is correct. Next attempt at 05:15.',
    ],
  ])
})

it('both: nothing is reported as current, and the time of the figures is shown', () => {
  const status = statusOf([failing('iwatt5', 'device'), failing('iwatt6', 'device')])
  expect(notes(status)).toEqual([
    [
      'iwatt5 and iwatt6 have not answered since 05:01.',
      'While they have power, they keep measuring: what is logged meanwhile is copied when they answer again. House and grid are measured by them: Now shows the last ones that are known, in grey and with their time. Check that they are on and that their addresses are correct. Next attempt at 05:15.',
    ],
  ])
  expect(isTrunkLate(status, house)).toBe(true)
})

it('both, of different troubles: the one of circuits does not say that the other is current', () => {
  const late = failing('iwatt5', 'device', { failure: { message: 'no complete answer', sinceMs: at('05:01') } })
  const [, second] = notes(statusOf([late, failing('iwatt6', 'device')]))
  expect(second?.[1]).not.toContain('current')
})

it('one that never answered is not reported as measuring', () => {
  const never = failing('iwatt6', 'device', { storedUntilMs: undefined })
  const [[title, meaning] = []] = notes(statusOf([device('iwatt5'), never]))
  expect(title).toBe('iwatt6 has never answered since 05:01.')
  expect(meaning).not.toContain('measuring')
})

it.each([
  ['which is told by the server', 'store' as const],
  ['which an older server does not tell', undefined],
])('a store that is down is no failure of devices, %s', (_, of) => {
  const status = statusOf([failing('iwatt5', of), failing('iwatt6', of)], down)
  const found = notes(status)
  expect(found.map(([title]) => title)).toEqual(['The store has not answered since 05:03.'])
  expect(found[0]?.[1]).toMatch(/^Nothing is lost/)
  expect(isTrunkLate(status, house)).toBe(true)
})

it('beside a store that is down a device that is off is told of too', () => {
  const found = notes(statusOf([device('iwatt5'), failing('iwatt6', 'device')], down))
  expect(found.map(([title]) => title)).toEqual([
    'The store has not answered since 05:03.',
    'iwatt6 has not answered since 05:01.',
  ])
})

it('a store that is back is told at once, before devices have been copied again', () => {
  expect(notes(statusOf([failing('iwatt5', 'store'), failing('iwatt6', 'store')]))).toEqual([
    ['The store answers again.', 'What iwatt5 and iwatt6 measured meanwhile is copied next. Next attempt at 05:15.'],
  ])
})

it.each([
  ['writer', 'iwatt5 has been copied by another iotawatt-sync as well since 05:01.'],
  ['identity', 'iwatt5 has had another device at its address since 05:01.'],
] as const)('the side %s', (of, title) => {
  expect(notes(statusOf([failing('iwatt5', of)]))[0]?.[0]).toBe(title)
})

it('keeps the message for whoever fixes it', () => {
  const [note] = findNotes({
    status: statusOf([failing('iwatt6', 'device')]),
    house,
    timeline: undefined,
    jobs: [],
    nowMs: NOW_MS,
    formatter,
  })
  expect(note?.detail).toBe(`iwatt6: ${REFUSED}`)
  expect(`${note?.title} ${note?.meaning}`).not.toMatch(/GET|http|\[/)
})

it('an alert of a circuit or a group leads to its power since then, under the name that it has here', () => {
  const named = {
    ...house,
    channels: [{ id: 'iwatt6/Oven', device: 'iwatt6', location: 'Oven', name: 'Backofen', role: 'circuit' }],
    groups: [{ name: 'Cellar', channels: ['Freezer', 'Pump'] }],
  } as unknown as House
  const alerts = (['above', 'below', 'noData'] as const).map((kind) => {
    return { id: kind, kind, name: kind === 'above' ? 'Oven' : 'Cellar', sinceMs: at('02:10'), text: '' }
  })
  const status = { ...statusOf([device('iwatt5')]), alerts }
  const facts = { status, house: named, timeline: undefined, jobs: [], nowMs: NOW_MS, formatter }
  expect(findNotes(facts).map(({ title, span }) => [title, span])).toEqual([
    [
      'Backofen has drawn more than it may since 02:10.',
      { from: '2026-03-27T01:10+00:00', to: '2026-03-27T06:14+00:00', ch: 'iwatt6/Oven' },
    ],
    [
      'Cellar has drawn less than it should since 02:10.',
      { from: '2026-03-27T01:10+00:00', to: '2026-03-27T06:14+00:00', ch: 'Freezer,Pump' },
    ],
  ])
})
