import { expect, it } from 'vitest'
import { silentLog } from '../../runtime/log.ts'
import { warnOnce } from './session.ts'
import { addDropped, createSyncMemory, MAX_REMEMBERED, type DroppedSpan } from './sync-memory.ts'

it('what was logged is known for as many texts as may be, the oldest forgotten first', () => {
  const memory = createSyncMemory()
  let lineCount = 0
  const log = { ...silentLog, warn: () => void lineCount++ }
  const say = (number: number) => warnOnce({ memory, log, warnings: [] }, `text ${number}`)
  for (let number = 0; number < MAX_REMEMBERED; number++) say(number)
  say(0)
  expect(lineCount).toBe(MAX_REMEMBERED)
  say(MAX_REMEMBERED)
  say(0)
  expect(lineCount).toBe(MAX_REMEMBERED + 2)
  expect(memory.process.logged.size).toBe(MAX_REMEMBERED)
})

it('spans that touch are one, and those of other series or elsewhere are not', () => {
  const dropped: DroppedSpan[] = []
  const add = (key: string, fromMs: number, untilMs: number) =>
    addDropped(dropped, { key, window: { fromMs, untilMs } })
  for (let minute = 0; minute < 1_000; minute++) add('a', minute, minute + 1)
  add('b', 0, 5)
  add('a', 2_000, 2_001)
  expect(dropped).toEqual([
    { key: 'a', window: { fromMs: 0, untilMs: 1_000 } },
    { key: 'b', window: { fromMs: 0, untilMs: 5 } },
    { key: 'a', window: { fromMs: 2_000, untilMs: 2_001 } },
  ])
})
