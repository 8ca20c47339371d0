import { describe, expect, it } from 'vitest'
import type { RowRequest } from '../model/device.ts'
import { END_MS, isQuery, lastMinutes, never, simulatedIotawatt, watts } from './fixtures/simulated-iotawatt.ts'

const FIRST_MS = 1_716_940_800_000

describe('gentle', () => {
  const everything: RowRequest = {
    columns: watts('Mains_1'),
    window: { fromMs: FIRST_MS, untilMs: END_MS },
    step: 'minute',
  }
  const limits = (paths: readonly string[]) => paths.map((path) => Number(/limit=(\d+)/.exec(path)?.[1]))

  it('a single batch waits for nothing', async () => {
    const { readAll, clock } = simulatedIotawatt('iwatt5')
    const startedMs = clock.nowMs()
    await readAll(lastMinutes(5))
    expect(clock.nowMs() - startedMs).toBe(0)
  })

  it.each([0.1, 0.25, 0.5])('keeps the device busy at most %d of the time', async (maxDeviceLoad) => {
    const { readAll, device } = simulatedIotawatt('iwatt5', { readCostMs: 1, maxDeviceLoad })
    await readAll(everything)
    const { blockedShare, longestMs } = device.counters()
    // There is no rest after the last batch.
    expect(blockedShare).toBeLessThan(maxDeviceLoad * 1.3)
    expect(blockedShare).toBeGreaterThan(maxDeviceLoad * 0.9)
    expect(longestMs).toBeLessThan(1200)
  })

  it.each([0.5, 1, 2, 4])(
    'asks nothing that takes 1.5 s, the first batch included, at %d ms a record',
    async (readCostMs) => {
      const { readAll, device } = simulatedIotawatt('iwatt5', { readCostMs })
      await readAll(everything)
      const { longestMs, recordReads } = device.counters()
      expect(longestMs).toBeLessThanOrEqual(1500)
      expect(recordReads).toBeLessThanOrEqual(1.02 * 4320)
    },
  )

  it('grows its batches where the device is quick', async () => {
    const { readAll, paths } = simulatedIotawatt('iwatt5')
    await readAll(everything)
    expect(limits(paths('/query'))).toEqual([250, 1000, 1000, 1000, 1000, 70])
  })

  it('shrinks its batches where the device is slow', async () => {
    const { readAll, paths } = simulatedIotawatt('iwatt5', { readCostMs: 8 })
    await readAll(everything)
    expect(limits(paths('/query')).slice(0, 4)).toEqual([250, 125, 125, 125])
  })

  it('shrinks its batches where an answer was cut', async () => {
    const { readAll, device, paths } = simulatedIotawatt('iwatt5')
    let count = 0
    device.setFaults(({ url }) => (isQuery(url) && count++ === 0 ? { kind: 'cut', sentBytes: 9 } : undefined))
    await readAll(lastMinutes(300))
    expect(limits(paths('/query'))).toEqual([250, 125, 175])
  })

  it('rests between the batches of two callers too', async () => {
    const { iotawatt, run, sent } = simulatedIotawatt('iwatt5', { readCostMs: 2 })
    await run(Promise.all([1, 2].map(() => iotawatt.fetchRows(lastMinutes(250), never))))
    const [first, second] = sent.filter(({ path }) => isQuery(path))
    expect(second!.atMs - first!.atMs).toBeGreaterThanOrEqual(4 * 500)
  })

  it('asks one thing at a time, whoever asks', async () => {
    const { iotawatt, run, device } = simulatedIotawatt('iwatt5', { readCostMs: 1 })
    await run(
      Promise.all([
        iotawatt.fetchRows(lastMinutes(30), never),
        iotawatt.status(never),
        iotawatt.listChannels(never),
        iotawatt.fetchRows(lastMinutes(30), never),
        iotawatt.configFingerprint(never),
      ]),
    )
    expect(device.counters().mostAtOnce).toBe(1)
  })

  it('waits as long as it had waited after a question that took too long', async () => {
    const { iotawatt, run, device, sent } = simulatedIotawatt('iwatt5')
    let count = 0
    device.setFaults(({ url }) => (isQuery(url) && count++ === 0 ? { kind: 'delay', delayMs: 119_000 } : undefined))
    await run(iotawatt.fetchRows(lastMinutes(10), never))
    const lateIndex = sent.findIndex(({ path }) => isQuery(path))
    expect(sent[lateIndex + 1]!.atMs - sent[lateIndex]!.atMs).toBeGreaterThanOrEqual(120_000)
    expect(device.counters().mostAtOnce).toBe(1)
  })
})

describe('an aborted caller', () => {
  it('gets its reason at once, and the next question waits for what the device is busy with', async () => {
    const { iotawatt, run, device, clock, paths } = simulatedIotawatt('iwatt5', { readCostMs: 2 })
    await run(iotawatt.status(never))
    const controller = new AbortController()
    const batch = iotawatt.fetchRows(lastMinutes(500), controller.signal)
    const outcome = batch.catch((error: unknown) => error)
    await clock.advance(100)
    expect(paths('/query').length).toBe(1)
    controller.abort('enough')
    expect(await outcome).toBe('enough')
    await run(iotawatt.status(never))
    expect(device.counters().mostAtOnce).toBe(1)
  })

  it.each(['status', 'listChannels', 'configFingerprint'] as const)('of %s never asks', async (method) => {
    const { iotawatt, sent } = simulatedIotawatt('iwatt5')
    await expect(iotawatt[method](AbortSignal.abort('enough'))).rejects.toBe('enough')
    expect(sent).toEqual([])
  })

  it('need not wait for the end of a pause', async () => {
    const { iotawatt, run, clock } = simulatedIotawatt('iwatt5', { readCostMs: 2 })
    await run(iotawatt.fetchRows(lastMinutes(500), never))
    const controller = new AbortController()
    const batch = iotawatt.fetchRows(lastMinutes(500), controller.signal).catch((error: unknown) => error)
    await clock.advance(10)
    controller.abort('enough')
    expect(await batch).toBe('enough')
  })
})
