import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, it, test } from 'vitest'
import { parse } from 'yaml'
import { HOUR_MS, MINUTE_MS } from '../../src/model/time-window.ts'
import { type HouseDaemon, openHouseDaemon } from '../daemon/house-daemon.ts'
import { smallUnit } from '../small-house.ts'

const START_MS = Date.UTC(2026, 2, 27, 12, 0, 37)
const NOON_MS = START_MS - 37_000
const MIDNIGHT_MS = Date.UTC(2026, 2, 27)

interface Sensor {
  readonly name: string
  readonly value_template: string
  readonly availability?: string
  readonly unit_of_measurement?: string
}

interface Resource {
  readonly resource: string
  readonly sensor: readonly Sensor[]
}

const document = readFileSync(new URL('../../docs/home-assistant.md', import.meta.url), 'utf8')
const blocks = [...document.matchAll(/```yaml\n([^`]+)```/g)].map(
  ([, yaml = '']): { rest?: Resource[]; binary_sensor?: (Sensor & { resource: string })[] } =>
    parse(yaml, { customTags: [{ tag: '!secret', resolve: (name: string) => name }] }),
)
const resources = [
  ...blocks.flatMap(({ rest = [] }) => rest),
  ...blocks.flatMap(({ binary_sensor: sensors = [] }) => sensors.map((sensor) => ({ ...sensor, sensor: [sensor] }))),
]
const calls = resources.flatMap(({ resource, sensor }) =>
  sensor.map((each) => [each.name, new URL(resource).pathname + new URL(resource).search, each] as const),
)

let daemon: HouseDaemon
beforeAll(async () => {
  daemon = await openHouseDaemon({
    startMs: START_MS,
    historyMs: 14 * HOUR_MS,
    units: [smallUnit('house')],
    config: { house: { timezone: 'UTC', mains: ['Furnace'], solar: ['Dryer'] } },
  })
  daemon.start()
  await daemon.until(async () => {
    const { devices } = (await daemon.get('/api/v1/status')).body as { devices: { history: { state: string } }[] }
    return (await daemon.get('/readyz')).status === 200 && devices.every(({ history }) => history.state === 'done')
  })
}, 60_000)
afterAll(() => daemon.close())

test('the sensors are found', () => expect(calls.length).toBeGreaterThan(8))

it.each(calls)('%s: %s', async (_, path, sensor) => {
  const { status, body } = await daemon.get(path)
  expect(status).toBe(200)
  const value = render(sensor.value_template, body)
  if (sensor.unit_of_measurement === undefined) {
    expect(value).toBe(true)
    return
  }
  expect(render(sensor.availability ?? expect.unreachable(), body)).toBe(true)
  expect(value).toBeTypeOf('number')
  if (sensor.unit_of_measurement === 'Wh') {
    const { sums } = (await daemon.get('/api/v1/energy?span=day')).body as { sums: { missingMinutes: number } }
    expect(sums.missingMinutes).toBe(0)
    expect(value).toBeLessThan(50_000)
  }
})

it('energy of today is the mean power since midnight', async () => {
  const { body } = await daemon.get('/api/v1/energy?span=day')
  const { sums, fromMs } = body as { fromMs: number; sums: { wattHours: { house: number } } }
  const { body: power } = await daemon.get(`/api/v1/power?from=${MIDNIGHT_MS}&until=${NOON_MS}&step=minute`)
  const { house } = (power as { house: { house: (number | null)[] } }).house
  expect(fromMs).toBe(MIDNIGHT_MS)
  const minutes = house.filter((watts) => watts !== null)
  expect(minutes.length).toBe((NOON_MS - MIDNIGHT_MS) / MINUTE_MS)
  const mean = minutes.reduce((sum, watts) => sum + watts, 0) / 60
  expect(Math.abs(sums.wattHours.house - mean)).toBeLessThan(0.02 * mean + 200)
})

/** What a template of the document gives, of those few forms that it uses. */
function render(template: string, value: unknown): unknown {
  const [, inner = ''] = /^\{\{ (.+) \}\}$/.exec(template) ?? []
  const [, id, rest = ''] = /value_json\.consumers \| selectattr\('id', 'eq', '([^']+)'\) \| (.+)$/.exec(inner) ?? []
  if (id !== undefined) {
    const { consumers } = value as { consumers: { id: string; wattHours: number }[] }
    const found = consumers.filter((consumer) => consumer.id === id)
    return rest === 'list | count > 0' ? found.length > 0 : found[0]?.wattHours
  }
  const [, path = '', test = ''] = /^value_json([.\w[\]']+)(.*)$/.exec(inner) ?? []
  const found = [...path.matchAll(/\.(\w+)|\['([^']+)'\]/g)].reduce<unknown>(
    (part, [, key, quoted]) => (part as Record<string, unknown>)[key ?? quoted ?? ''],
    value,
  )
  if (test === ' is number') return typeof found === 'number'
  const [, word] = /^ == '(\w+)'$/.exec(test) ?? []
  expect([test, word]).toContain(word ?? '')
  return word === undefined ? found : found === word
}
