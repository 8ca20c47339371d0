import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { PointTemplates } from '../../model/point-template.ts'
import { seriesKey, type Labels } from '../../model/series.ts'
import { createLayout, originalText, storedText } from './layout.ts'

const channels = {
  devices: ['iwatt5', 'iwatt5_b'],
  units: new Map([
    ['power', 'Watts'],
    ['voltage', 'Volts'],
  ]),
  labelsOf: ({ metric, device, location }: { metric: string; device: string; location: string }): Labels => ({
    __name__: metric,
    device,
    location,
    source: 'iotawatt',
    type: location.startsWith('Mains') ? 'Trunk' : 'Circuit',
  }),
}
const MAINS = channels.labelsOf({ metric: 'power', device: 'iwatt5', location: 'Mains_1' })
const templates = (changes: Partial<PointTemplates>): PointTemplates => ({
  measurement: '{metric}',
  field: 'value',
  ...changes,
})

describe('a channel', () => {
  const { __name__: _, ...tags } = MAINS
  test.each<[string, Partial<PointTemplates>, ReturnType<ReturnType<typeof createLayout>['pointOf']>]>([
    ['as it is', {}, { measurement: 'power', tags, field: 'value' }],
    [
      'as an uploader writes it',
      { measurement: '{location}', tags: { device: '{device}', units: '{unit}' } },
      { measurement: 'Mains_1', tags: { device: 'iwatt5', units: 'Watts' }, field: 'value' },
    ],
    [
      'in one measurement, a field each',
      { measurement: 'iotawatt', tags: { device: '{device}' }, field: '{location}.{unit}' },
      { measurement: 'iotawatt', tags: { device: 'iwatt5' }, field: 'Mains_1.Watts' },
    ],
    ['under its unit', { field: '{unit}' }, { measurement: 'power', tags, field: 'Watts' }],
  ])('%s', (_, changes, point) => {
    const layout = createLayout(templates(changes), channels)
    expect(layout.pointOf(MAINS)).toEqual(point)
    expect(layout.labelsOf(point)).toEqual(MAINS)
  })

  test('of which the templates would make one series with another is refused, and both are named', () => {
    const layout = createLayout(templates({ measurement: '{device}_{location}', tags: { units: '{unit}' } }), channels)
    const one = channels.labelsOf({ metric: 'power', device: 'iwatt5', location: 'b_Dryer' })
    const other = channels.labelsOf({ metric: 'power', device: 'iwatt5_b', location: 'Dryer' })
    expect(layout.pointOf(one).measurement).toBe('iwatt5_b_Dryer')
    expect(() => layout.pointOf(other)).toThrow(/"iwatt5_b".* and .*"b_Dryer".* would be one series in InfluxDB/)
  })

  test('under other labels than the rules give lies as it is, where it is seen beside the other', () => {
    const layout = createLayout(templates({ measurement: '{location}', tags: { device: '{device}' } }), channels)
    const other = { ...MAINS, type: 'Feed' }
    expect(layout.pointOf(other).measurement).toBe('power')
    expect(layout.labelsOf(layout.pointOf(other))).toEqual(other)
  })
})

test('what is no series of this program is none', () => {
  const layout = createLayout(templates({ measurement: '{location}', tags: { device: '{device}' } }), channels)
  expect(
    layout.labelsOf({ measurement: 'Mains_1', tags: { device: 'iwatt5', ct: '1' }, field: 'watts' }),
  ).toBeUndefined()
  expect(layout.labelsOf({ measurement: 'cpu', tags: { device: 'other' }, field: 'usage' })).toBeUndefined()
})

test('any text is kept, and comes back', () => {
  const text = fc.string({
    unit: fc.constantFrom('a', '\\', ',', ' ', '=', '"', "'", '#', '\n', '\r', '\u241b', 'ü', 'n'),
  })
  fc.assert(
    fc.property(text, fc.constantFrom('measurement' as const, 'tag' as const, 'field' as const), (given, part) => {
      const stored = storedText(given, part)
      expect(originalText(stored)).toBe(given)
      expect(stored).not.toMatch(/[\r\n]|\\[,= ]|\\$/)
    }),
  )
})

test('no two series have the same point, whatever they are called', () => {
  const location = fc.string({ unit: fc.constantFrom('a', '_', 'b', '\\', ','), minLength: 1 })
  const labels = fc
    .record({ metric: fc.constantFrom('power', 'voltage'), device: fc.constantFrom(...channels.devices), location })
    .map(channels.labelsOf)
  fc.assert(
    fc.property(labels, labels, (one, other) => {
      const layout = createLayout(
        templates({ measurement: '{device}_{location}', tags: { units: '{unit}' } }),
        channels,
      )
      const points = [one, other].map((each) => {
        try {
          return JSON.stringify(layout.pointOf(each))
        } catch {
          return undefined
        }
      })
      if (points[0] !== undefined && points[0] === points[1]) expect(seriesKey(one)).toBe(seriesKey(other))
    }),
  )
})
