import { expect, it } from 'vitest'
import type { DeviceState } from '../api/answers.ts'
import { findDevices, troubleFirst } from './find-devices.ts'

const NOW_MS = Date.UTC(2026, 2, 27)
const MAX_AGE_MS = 900_000

function device(name: string, changes: Partial<DeviceState> = {}): DeviceState {
  const history = { state: 'done', isPaused: false, doneMinutes: 1, totalMinutes: 1 }
  return { name, url: '', state: 'ok', storedUntilMs: NOW_MS, history, ...changes } as DeviceState
}

it('puts first what needs attention, then sorts by name', () => {
  const devices = [
    device('unit10'),
    device('unit9'),
    device('holes'),
    device('new', { state: 'starting' }),
    device('late', { storedUntilMs: NOW_MS - MAX_AGE_MS - 1 }),
    device('in time', { storedUntilMs: NOW_MS - MAX_AGE_MS }),
    device('silent', { state: 'failing' }),
  ]
  const facts = { nowMs: NOW_MS, maxAgeMs: MAX_AGE_MS, missing: new Set(['holes']) }
  expect(troubleFirst(devices, facts).map(({ name }) => name)).toEqual([
    'silent',
    'holes',
    'late',
    'new',
    'in time',
    'unit9',
    'unit10',
  ])
})

it.each([
  ['', ['Barn', 'barn-2', 'Mill']],
  ['barn', ['Barn', 'barn-2']],
  ['  BARN  2 ', ['barn-2']],
  ['site=north', ['barn-2', 'Mill']],
  ['north barn', ['barn-2']],
  ['south', []],
])('finds by name and labels: %j', (text, names) => {
  const north = { site: 'North' }
  const devices = [{ name: 'Barn' }, { name: 'barn-2', labels: north }, { name: 'Mill', labels: north }]
  expect(findDevices(devices, text).map(({ name }) => name)).toEqual(names)
})
