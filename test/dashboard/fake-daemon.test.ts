import { afterAll, beforeAll, expect, it } from 'vitest'
import { EVENTS, OPERATIONS, type Operation } from '../../src/api/operations.ts'
import { JOB } from './fake-answers.ts'
import { startFakeDaemon, type FakeDaemon } from './fake-daemon.ts'

const QUERIES: Readonly<Record<string, readonly string[]>> = {
  tape: ['', 'minutes=60'],
  power: ['minute', '10m', '30m', '6h', 'day'].map(
    (step) => `from=2026-03-26T13:40-04:00&until=2026-03-27T13:40-04:00&step=${step}`,
  ),
  energy: ['span=day', 'span=month', 'span=year', 'span=all', 'span=day&date=2026-03-08'],
  consumers: ['span=month'],
  hours: ['span=month', 'span=day&date=2026-03-08'],
  costs: ['span=day', 'span=month', 'span=year'],
  channelCoverage: ['device=iwatt6', 'device=iwatt5&days=3'],
  dayCoverage: ['device=iwatt6', 'device=iwatt5&date=2026-03-08'],
}
/** The page gets tables and metrics from no fake; one job is in the list of all; a house is set up by the real editor. */
const NOT_ASKED = [
  'powerCsv',
  'energyCsv',
  'billsCsv',
  'costsCsv',
  'metrics',
  'events',
  'job',
  'setup',
  'previewSetup',
  'saveSetup',
]
const ASKED = Object.entries<Operation>(OPERATIONS)
  .filter(([name]) => !NOT_ASKED.includes(name))
  .flatMap(([name, operation]) => (QUERIES[name] ?? ['']).map((query) => [name, query, operation] as const))

let daemon: FakeDaemon
beforeAll(async () => {
  daemon = await startFakeDaemon()
})
afterAll(() => daemon.close())

it.each(ASKED)(
  'the fake answers %s %s as the daemon does',
  async (_, query, { method = 'get', path, answer, status = 200 }) => {
    daemon.state.jobs = [JOB]
    const url = `${daemon.url}${path.replace('{id}', '3').replace('{name}', 'iwatt5')}?${query}`
    const response = await fetch(url, {
      method,
      ...(method === 'post' && { body: '{}', headers: { 'X-Requested-With': 'iotawatt-sync' } }),
    })
    expect(response.status).toBe(status)
    const body: unknown = await response.json()
    expect(answer.parse(body)).toEqual(body)
  },
)

it('the fake sends the status as the daemon does', async () => {
  const stop = new AbortController()
  const response = await fetch(`${daemon.url}${OPERATIONS.events.path}`, { signal: stop.signal })
  const { value = '' } = await response.body!.pipeThrough(new TextDecoderStream()).getReader().read()
  const data: unknown = JSON.parse(/^data: (.*)$/m.exec(value)?.[1] ?? '')
  expect(EVENTS.status.data.parse(data)).toEqual(data)
  stop.abort()
})
