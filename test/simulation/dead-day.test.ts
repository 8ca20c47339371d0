import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { bundle } from '../../scripts/bundle.mjs'
import type { DeadDay } from './dead-day.ts'

const TRIES_OF_A_CYCLE = 4
const REMINDERS_OF_A_DAY = 24

it.each(['store', 'devices'])('a day with dead %s costs no memory, few requests and few lines', async (dead) => {
  const file = await bundle('test/simulation/dead-day.ts', `dead-day-${dead}`)
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', file, dead])
  const { hourBytes, dayBytes, deviceRequests, storeCalls, logLines, cycles }: DeadDay = JSON.parse(stdout)
  expect(dayBytes / hourBytes).toBeLessThanOrEqual(1.1)
  // The backfill is tried at most as often as there are cycles.
  expect(deviceRequests).toBeLessThanOrEqual(2 * cycles * TRIES_OF_A_CYCLE)
  expect(storeCalls).toBeLessThanOrEqual(2 * cycles * (dead === 'store' ? 2 * TRIES_OF_A_CYCLE : 4))
  expect(logLines).toBeLessThanOrEqual(4 * REMINDERS_OF_A_DAY)
  console.log(
    `dead ${dead}: ${Math.round(hourBytes / 1e6)} MB after an hour, ${Math.round(dayBytes / 1e6)} MB after a day; of ${cycles} cycles ${deviceRequests} requests to devices, ${storeCalls} to the store, ${logLines} lines`,
  )
})
