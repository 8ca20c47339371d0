import { describe, expect, it } from 'vitest'
import {
  type FixtureName,
  loadCardFixture,
  loadRecordings,
  RECORDED_AT_MS,
  RECORDED_MAC,
} from './fixtures/load-fixtures.ts'
import { maskMoments } from './fixtures/mask-moments.ts'
import { createSimulatedDevice } from '../../test/doubles/simulated-device.ts'
import { cardSource } from './start-simulator.ts'

const CARDS: readonly FixtureName[] = ['iwatt5', 'iwatt6', 'lab']

describe.each(CARDS)('answers of a real device with the card %s', (name) => {
  const recordings = loadRecordings(name)
  const source = cardSource(loadCardFixture(name))
  const device = createSimulatedDevice({ source, clock: { nowMs: () => RECORDED_AT_MS }, mac: RECORDED_MAC })

  it.each(recordings.map((recording) => ({ title: recording.name ?? recording.path.slice(0, 90), recording })))(
    '$title',
    ({ recording }) => {
      const { status, headers, body, connection } = device.answer({ method: 'GET', url: recording.path })
      expect(connection).toBe('close')
      expect(maskMoments({ ...recording, status, headers, body })).toEqual(maskMoments(recording))
    },
  )
})

it('compares every recording', () => {
  expect(CARDS.flatMap((name) => loadRecordings(name)).length).toBe(191)
})
