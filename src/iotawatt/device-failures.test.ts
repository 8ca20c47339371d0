import { describe, expect, it } from 'vitest'
import { MINUTE_MS } from '../model/time-window.ts'
import type { DeviceFault } from '../../test/doubles/device-fault.ts'
import { isQuery, lastMinutes, never, simulatedIotawatt, watts } from './fixtures/simulated-iotawatt.ts'

describe('what goes wrong once is asked again', () => {
  const faults: DeviceFault[] = [
    { kind: 'refused' },
    { kind: 'reset-before' },
    { kind: 'reset-during', sentBytes: 100 },
    { kind: 'reset-after' },
    { kind: 'cut', sentBytes: 100 },
    { kind: 'shortened', sentBytes: 100 },
    { kind: 'delay', delayMs: 70_000 },
    { kind: 'status', status: 500 },
    { kind: 'garbage' },
  ]
  const REASONS: Partial<Record<DeviceFault['kind'], string>> = {
    refused: 'unreachable',
    'reset-before': 'unreachable',
    'reset-after': 'unreachable',
    delay: 'timeout',
  }

  it.each(faults.flatMap((fault) => ['/status', '/query'].map((path) => ({ ...fault, path, fault }))))(
    '$kind of $path',
    async ({ fault, path }) => {
      const complete = await simulatedIotawatt('iwatt5').readAll(lastMinutes(10))
      const { readAll, device } = simulatedIotawatt('iwatt5', { timeoutMs: 60_000 })
      let count = 0
      device.setFaults(({ url }) => (url.startsWith(path) && count++ === 0 ? fault : undefined))
      expect(await readAll(lastMinutes(10))).toEqual(complete)
      expect(count).toBeGreaterThan(1)
      expect(device.counters().mostAtOnce).toBe(1)
    },
  )

  it.each(faults)('$kind, again and again, is an error in the end', async (fault) => {
    const { iotawatt, run, device, paths, clock } = simulatedIotawatt('iwatt5')
    device.setFaults(({ url }) => (isQuery(url) ? fault : undefined))
    const startedMs = clock.nowMs()
    const reason = REASONS[fault.kind] ?? 'bad-answer'
    const message = expect.stringMatching(
      /^iwatt5: GET http:\/\/192\.0\.2\.7\/query for 2024-05-31T23:50Z to 2024-06-01T00:00Z, 2 columns: /,
    )
    await expect(run(iotawatt.fetchRows(lastMinutes(10), never))).rejects.toMatchObject({ reason, message })
    expect(paths('/query').length).toBe(reason === 'timeout' ? 2 : 3)
    expect(clock.nowMs() - startedMs).toBeLessThanOrEqual(5 * MINUTE_MS)
    expect(device.counters().mostAtOnce).toBe(1)
  })

  it('a device that is off is given up soon', async () => {
    const { iotawatt, run, device, clock } = simulatedIotawatt('iwatt5')
    device.setPower('off')
    const startedMs = clock.nowMs()
    await expect(run(iotawatt.status(never))).rejects.toMatchObject({ reason: 'unreachable' })
    expect(clock.nowMs() - startedMs).toBeLessThan(5000)
  })
})

describe('what is not asked again', () => {
  it('an unknown channel, which the error names', async () => {
    const { iotawatt, run, paths } = simulatedIotawatt('iwatt5')
    await expect(run(iotawatt.fetchRows(lastMinutes(2, watts('Mains_1', 'Furnce')), never))).rejects.toMatchObject({
      reason: 'unknown-channel',
      channel: 'Furnce',
      message: expect.stringMatching(/2 columns: 400 "Invalid series: Furnce"$/),
      hint: 'to see what the device has: iotawatt-sync channels iwatt5',
    })
    expect(paths('/query').length).toBe(1)
  })

  it.each([
    [404, 'rejected'],
    [302, 'rejected'],
    [403, 'unauthorized'],
  ])('a %i', async (status, reason) => {
    const { iotawatt, run, device, sent } = simulatedIotawatt('iwatt5')
    device.setFaults(() => ({ kind: 'status', status }))
    await expect(run(iotawatt.status(never))).rejects.toMatchObject({ reason, hint: expect.any(String) })
    expect(sent.length).toBe(1)
  })
})
