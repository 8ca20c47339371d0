import { expect, it } from 'vitest'
import type { LoggedEvent } from '../model/collector.ts'
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

it('every line is written, passes that went well and what is only of use to a developer are no events', () => {
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

it('the newest 500 are kept, the newest first', () => {
  const { events } = eventLog()
  for (let index = 1; index <= 510; index++) events.log.info(`line ${index}`)
  expect(events.recent(2).map(({ id, text }) => [id, text])).toEqual([
    [510, 'line 510'],
    [509, 'line 509'],
  ])
  expect(events.recent(1000).length).toBe(500)
})
