import { expect, it } from 'vitest'
import type { LoggedEvent } from '../model/daemon.ts'
import type { Log } from '../runtime/log.ts'
import { createEventLog } from './event-log.ts'

function eventLog() {
  let nowMs = 0
  const written: string[] = []
  const say = (level: string) => (message: string) => void written.push(`${level} ${message}`)
  const log: Log = { debug: say('debug'), info: say('info'), warn: say('warn'), error: say('error') }
  const clock = { nowMs: () => ++nowMs, sleep: () => Promise.resolve() }
  return { written, events: createEventLog(log, { clock, devices: ['cellar', 'attic'] }) }
}

it.each([
  ['a line that names a device at its start', 'attic: no answer', {}, 'attic', 'no answer'],
  ['a line with a device beside it', 'no answer', { device: 'cellar' }, 'cellar', 'no answer'],
  ['a line of neither', 'cellars: no answer', {}, 'daemon', 'cellars: no answer'],
  ['a line that is too long', 'x'.repeat(9000), {}, 'daemon', 'x'.repeat(2000)],
])('%s', (_, message, fields, of, text) => {
  const { events, written } = eventLog()
  events.log.warn(message, fields)
  expect(events.recent(9)).toEqual([{ id: 1, atMs: 1, of, level: 'warn', text }])
  expect(written).toEqual([`warn ${message}`])
})

it('every line is written, cycles that went well and what is only of use to a developer are no events', () => {
  const { events, written } = eventLog()
  const told: LoggedEvent[] = []
  events.onEvent = (event) => void told.push(event)
  events.log.debug('asking again')
  events.log.info('cellar: 5 rows', { lagMs: 9 })
  events.log.info('reads its configuration')
  events.log.error('cellar: off')
  expect(written).toEqual([
    'debug asking again',
    'info cellar: 5 rows',
    'info reads its configuration',
    'error cellar: off',
  ])
  expect(told.map(({ level, of, text }) => [level, of, text])).toEqual([
    ['info', 'daemon', 'reads its configuration'],
    ['error', 'cellar', 'off'],
  ])
})

it('what fails of the store is reported once, as the store, whichever device reported it', () => {
  const { events } = eventLog()
  for (const device of ['cellar', 'attic']) events.log.error('no answer', { device, side: 'store' })
  events.log.error('attic: off', { device: 'attic', side: 'device' })
  expect(events.recent(9).map(({ of, text }) => [of, text])).toEqual([
    ['attic', 'off'],
    ['store', 'no answer'],
  ])
})

it('the newest 500 are kept, the newest first', () => {
  const { events } = eventLog()
  for (let index = 1; index <= 510; index++) events.log.info(`line ${index}`)
  expect(events.recent(2).map(({ id, text }) => [id, text])).toEqual([
    [510, 'line 510'],
    [509, 'line 509'],
  ])
  expect(events.recent(1000).length).toBe(500)
})

it('parts of the backfill of a device are one event, and leave space for others', () => {
  const { events } = eventLog()
  const part = (device: string, fromMs: number) =>
    events.log.info(`${device}: backfill`, {
      device,
      history: { fromMs, untilMs: fromMs + 10, rowCount: 3, sampleCount: 5 },
    })
  events.log.warn('attic: off')
  for (let fromMs = 0; fromMs < 6000; fromMs += 10) part('attic', fromMs)
  part('cellar', 7)
  expect(events.recent(9).map(({ id, of, history }) => [id, of, history])).toEqual([
    [602, 'cellar', { fromMs: 7, untilMs: 17, rowCount: 3, sampleCount: 5 }],
    [601, 'attic', { fromMs: 0, untilMs: 6000, rowCount: 1800, sampleCount: 3000 }],
    [1, 'attic', undefined],
  ])
})
