import { describe, expect, it } from 'vitest'
import { DAY_MS, MINUTE_MS } from '../model/time-window.ts'
import { END_MS, isQuery, lastMinutes, never, simulatedIotawatt } from './fixtures/simulated-iotawatt.ts'

const FIRST_MS = 1_716_940_800_000

describe('a device that restarts', () => {
  it('while it answers: nothing of the answer is used', async () => {
    const { iotawatt, run, device, paths } = simulatedIotawatt('iwatt5', { startedAtMs: END_MS - DAY_MS })
    device.setFaults(({ url }) => (isQuery(url) ? { kind: 'restart' } : undefined))
    const asked = run(iotawatt.fetchRows(lastMinutes(10), never))
    await expect(asked).rejects.toMatchObject({
      reason: 'restarted',
      message: expect.stringContaining('it restarted at'),
    })
    expect(paths('/query').length).toBe(1)
  })

  it('over a question: it is not asked a second time', async () => {
    const { iotawatt, run, device, paths } = simulatedIotawatt('iwatt5', { startedAtMs: END_MS - DAY_MS })
    device.setFaults(({ url }) => {
      if (!isQuery(url)) return undefined
      device.reboot()
      return { kind: 'reset-before' }
    })
    await expect(run(iotawatt.fetchRows(lastMinutes(10), never))).rejects.toMatchObject({ reason: 'restarted' })
    expect(paths('/query').length).toBe(1)
  })

  it('between two batches: goes on at the next call', async () => {
    const { iotawatt, run, device } = simulatedIotawatt('iwatt5', { startedAtMs: END_MS - DAY_MS })
    await run(iotawatt.fetchRows(lastMinutes(10), never))
    device.reboot()
    await run(iotawatt.status(never))
    expect((await run(iotawatt.fetchRows(lastMinutes(10), never))).rows.length).toBe(10)
  })

  it('is waited for until its logs are open', async () => {
    const { iotawatt, run, clock } = simulatedIotawatt('iwatt5', { historyOpensAfterMs: 5000 })
    const startedMs = clock.nowMs()
    expect(await run(iotawatt.status(never))).toMatchObject({ firstMs: FIRST_MS })
    expect(clock.nowMs() - startedMs).toBe(6000)
  })

  it('and whose log stays closed is given up after a minute', async () => {
    const { iotawatt, run, clock } = simulatedIotawatt('iwatt5', { historyOpensAfterMs: DAY_MS })
    const startedMs = clock.nowMs()
    const message = 'iwatt5: GET http://192.0.2.7/status: its log is not open 60 s later'
    await expect(run(iotawatt.status(never))).rejects.toMatchObject({ reason: 'restarted', message })
    expect(clock.nowMs() - startedMs).toBe(MINUTE_MS)
  })

  it('gives no rows while its log is closed', async () => {
    const { iotawatt, run, paths } = simulatedIotawatt('iwatt5', { historyOpensAfterMs: 5000 })
    await expect(run(iotawatt.fetchRows(lastMinutes(10), never))).rejects.toMatchObject({ reason: 'restarted' })
    expect(paths('/query')).toEqual([])
  })
})
