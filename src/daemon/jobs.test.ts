import { describe, expect, it } from 'vitest'
import { isWithin, UNTIL_MS, verifiedHouse } from '../../test/verified-house.ts'
import { DaemonError, type Job } from '../model/daemon.ts'
import type { Store } from '../model/store.ts'
import { HOUR_MS, MINUTE_MS } from '../model/time-window.ts'
import { createDirectQueue, type DeviceQueue } from '../sync/session/device-work.ts'
import { createDeviceWorker } from './device-worker.ts'
import { createJobs } from './jobs.ts'

const clock = { nowMs: () => UNTIL_MS, sleep: () => Promise.resolve() }
const GAP = { fromMs: UNTIL_MS - 5 * HOUR_MS, untilMs: UNTIL_MS - 5 * HOUR_MS + 47 * MINUTE_MS }
const REPAIR = { kind: 'repair', device: 'garage', ...GAP } as const
const CHECK = { kind: 'check', device: 'garage' } as const

/** The work of a device whose worker does nothing else than this. */
function queueOf(run: DeviceQueue['run']): DeviceQueue {
  return { name: 'garage', run, readOnly: () => Promise.reject(new Error('nobody looks')) }
}
const untilStopped = queueOf(
  (_, signal) => new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
)

function jobsOf(queue: DeviceQueue) {
  const told: Job[] = []
  const repaired: { fromMs: number; untilMs: number; sampleCount: number }[] = []
  let checks = 0
  const daemon = new AbortController()
  const jobs = createJobs({
    queues: [queue],
    clock,
    intervalMs: 5 * MINUTE_MS,
    signal: daemon.signal,
    onChange: (job) => void told.push(job),
    onRepaired: (each) => void repaired.push(each),
    onChecked: () => void checks++,
  })
  const turn = () => new Promise((resolve) => setImmediate(resolve))
  return { jobs, told, repaired, checkCount: () => checks, daemon, turn }
}

const house = verifiedHouse({ days: 1 })

describe('over a house with a gap', () => {
  const holed = () =>
    house.setUp({
      stored: new Map(
        [...house.measured].map(([name, all]) => [name, new Map([...all].filter(([atMs]) => !isWithin(atMs, GAP)))]),
      ),
    })

  it('a repair waits, runs and is done, and says which minutes are confirmed as they are', async () => {
    const { clock: time, context } = holed()
    const { jobs, told, repaired } = jobsOf(createDirectQueue(context))
    expect(jobs.start(REPAIR)).toMatchObject({ id: '1', state: 'waiting', totalMinutes: 47, doneMinutes: 0, ...GAP })
    await time.runUntilDone(ended(jobs.list))
    expect(jobs.list()[0]).toMatchObject({
      state: 'done',
      doneMinutes: 47,
      confirmedUntilMs: GAP.untilMs,
      endedAtMs: UNTIL_MS,
      text: expect.stringMatching(/^141 samples copied and confirmed at/),
    })
    expect([...new Set(told.map(({ state }) => state))]).toEqual(['waiting', 'running', 'done'])
    expect(repaired.map(({ fromMs }) => fromMs)).toEqual([
      GAP.fromMs,
      ...repaired.slice(0, -1).map(({ untilMs }) => untilMs),
    ])
    expect(repaired.at(-1)?.untilMs).toBe(GAP.untilMs)
    expect(repaired.reduce((sum, { sampleCount }) => sum + sampleCount, 0)).toBe(141)
  })

  it('a check says what is missing, and has what is kept looked at again', async () => {
    const { clock: time, context } = holed()
    const { jobs, checkCount } = jobsOf(createDirectQueue(context))
    jobs.start(CHECK)
    await time.runUntilDone(ended(jobs.list))
    expect(jobs.list()[0]).toMatchObject({ state: 'done', text: '47 minutes missing' })
    expect(checkCount()).toBe(1)
  })
})

async function ended(list: () => readonly Job[]): Promise<void> {
  while (list().some(({ endedAtMs }) => endedAtMs === undefined)) await new Promise((resolve) => setImmediate(resolve))
}

it('one that is stopped stays stopped, also when its work ends later', async () => {
  const { jobs, turn } = jobsOf(untilStopped)
  const { id } = jobs.start(REPAIR)
  expect(jobs.stop(id)).toMatchObject({
    state: 'stopped',
    endedAtMs: UNTIL_MS,
    text: 'stopped by hand; what was stored stays',
  })
  await turn()
  expect(jobs.list()[0]).toMatchObject({ state: 'stopped', text: 'stopped by hand; what was stored stays' })
  expect(jobs.stop(id)).toBe(jobs.list()[0])
})

it('one that is stopped while it looks at a chunk does not begin to run again', async () => {
  const { clock: time, context } = house.setUp({ stored: house.measured })
  let stop = () => {}
  // The answer that is under way is counted all the same.
  const coverage: Store['coverage'] = async (...asked) => {
    const found = await context.store.coverage(...asked)
    stop()
    return found
  }
  const { jobs, told } = jobsOf(createDirectQueue({ ...context, store: { ...context.store, coverage } }))
  const { id } = jobs.start(CHECK)
  stop = () => void jobs.stop(id)
  await time.runUntilDone(ended(jobs.list))
  await time.advance(HOUR_MS)
  const states = told.map(({ state }) => state)
  expect(new Set(states.slice(states.indexOf('stopped')))).toEqual(new Set(['stopped']))
  expect(jobs.list()[0]).toMatchObject({ state: 'stopped', doneMinutes: 0 })
})

it('only the one that the worker has begun runs; those behind it wait', async () => {
  const { clock: time, context } = house.setUp({ stored: new Map() })
  const worker = createDeviceWorker(context, { intervalMs: 5 * MINUTE_MS, backfill: false })
  const { jobs, told } = jobsOf(worker)
  for (let hour = 1; hour <= 3; hour++)
    jobs.start({ ...REPAIR, fromMs: UNTIL_MS - hour * HOUR_MS, untilMs: UNTIL_MS - hour * HOUR_MS + 10 * MINUTE_MS })
  expect(jobs.list().map(({ state }) => state)).toEqual(['waiting', 'waiting', 'waiting'])
  const stop = new AbortController()
  const working = worker.start(stop.signal)
  await time.runUntilDone(ended(jobs.list))
  const order = told.map(({ id, state }) => `${id} ${state}`)
  expect(order.indexOf('2 running')).toBeGreaterThan(order.indexOf('1 done'))
  expect(order.indexOf('3 running')).toBeGreaterThan(order.indexOf('2 done'))
  stop.abort()
  await time.runUntilDone(working)
})

it.each([
  ['a failure of its work', queueOf(() => Promise.reject(new Error('the store is full'))), 'the store is full'],
  ['the end of the daemon', untilStopped, 'it ends'],
])('%s ends it as failed, in words', async (_, queue, text) => {
  const { jobs, daemon, turn } = jobsOf(queue)
  jobs.start(CHECK)
  daemon.abort(new Error('it ends'))
  await turn()
  expect(jobs.list()[0]).toMatchObject({ state: 'failed', text })
})

it.each([
  ['an unknown device', () => jobsOf(untilStopped).jobs.start({ ...CHECK, device: 'attic' }), 'unknown'],
  ['an unknown job', () => jobsOf(untilStopped).jobs.stop('7'), 'unknown'],
  [
    'a job when 20 wait',
    () => {
      const { jobs } = jobsOf(untilStopped)
      return Array.from({ length: 21 }, () => jobs.start(CHECK))
    },
    'busy',
  ],
])('%s is refused', (_, act: () => unknown, reason) => {
  expect(act).toThrow(DaemonError)
  expect(act).toThrow(expect.objectContaining({ reason }))
})

it('one that runs is kept, however many have ended since', async () => {
  let runs = 0
  const firstRuns = queueOf((work, signal) =>
    runs++ === 0 ? untilStopped.run(work, signal) : Promise.reject(new Error('no')),
  )
  const { jobs, turn } = jobsOf(firstRuns)
  const { id } = jobs.start(CHECK)
  for (let index = 0; index < 60; index++) {
    jobs.start(CHECK)
    await turn()
  }
  expect(jobs.list().at(-1)).toMatchObject({ id, state: 'waiting' })
})

it('the newest 50 are kept, the newest first', async () => {
  const { jobs, turn } = jobsOf(queueOf(() => Promise.reject(new Error('no'))))
  for (let index = 0; index < 60; index++) {
    jobs.start(CHECK)
    await turn()
  }
  expect(jobs.list().map(({ id }) => Number(id))).toEqual(Array.from({ length: 50 }, (_, index) => 60 - index))
})
