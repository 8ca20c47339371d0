import { expect, it } from 'vitest'
import type * as z from 'zod'
import examples from '../../api/examples.json'
import { EVENTS, OPERATIONS } from '../../api/operations.ts'
import shapes from './answer-shapes.json'
import { isAnswer, isEvent, type Is } from './answers.ts'

/** The checks of the page beside the schemas that they come from. */
const CHECKS: readonly (readonly [string, Is<unknown>, z.ZodType])[] = [
  ...(Object.keys(shapes.answers) as (keyof typeof shapes.answers)[])
    .filter((name) => name !== 'problem')
    .map((name) => [name, isAnswer(name), OPERATIONS[name].answer] as const),
  ...(Object.keys(EVENTS) as (keyof typeof EVENTS)[]).map(
    (name) => [`event ${name}`, isEvent(name), EVENTS[name].data] as const,
  ),
]
const EXAMPLES: Readonly<Record<string, unknown>> = {
  ...examples,
  Pass: { device: 'iwatt6', storedUntilMs: 60_000, atMs: 0, watts: { Office: 179, Furnace: null } },
  DeviceWindow: { device: 'iwatt6', fromMs: 0, untilMs: 60_000 },
  recentEvents: { events: [examples.Event] },
  jobs: { jobs: [examples.Job] },
  SetupPreview: {
    lines: 'house:\n  timezone: UTC\n',
    mistakes: [{ path: ['timezone'], message: 'found "Mars"; expected a time zone' }],
    prices: [examples.Tariffs.tariffs[0]?.import, null],
    cannotSave: 'the demo has no configuration file',
    preview: { house: examples.House, now: examples.Now },
  },
}
const WRONG = [undefined, null, 'x', 5, true, [], [{}], {}, { a: {} }]

/** The value with each of its parts in turn left out or made something else. */
function* damaged(value: unknown): Generator<unknown> {
  yield* WRONG
  if (typeof value !== 'object' || value === null) return
  for (const [key, inner] of Object.entries(value))
    for (const wrong of damaged(inner)) {
      const copy: Record<string, unknown> = Array.isArray(value) ? (value.slice() as never) : { ...value }
      if (wrong === undefined && !Array.isArray(value)) delete copy[key]
      else copy[key] = wrong
      yield copy
    }
}

it.each(CHECKS)('%s is taken and refused as the daemon would', (name, is, schema) => {
  const example = EXAMPLES[schema.meta()?.id ?? name]
  expect(is(example)).toBe(true)
  for (const other of damaged(example)) {
    const expected = schema.safeParse(other).success
    if (is(other) !== expected) expect.unreachable(`${JSON.stringify(other)}: expected ${expected}`)
  }
})
