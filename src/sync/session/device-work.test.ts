import { expect, it } from 'vitest'
import { createSimulatedClock } from '../../../test/doubles/simulated-clock.ts'
import { createSimulatedDevice } from '../../../test/doubles/simulated-device.ts'
import { createSimulatedStore } from '../../../test/doubles/simulated-store.ts'
import { inProcess, smallUnit, sourceOf } from '../../../test/small-house.ts'
import { createDirectQueue, workInSteps } from './device-work.ts'

it('work that is given up between two steps closes what it has open', async () => {
  const clock = createSimulatedClock(Date.UTC(2026, 2, 27))
  const device = createSimulatedDevice({ source: sourceOf(smallUnit('garage'), { fromMs: clock.nowMs() }), clock })
  const queue = createDirectQueue(inProcess(device, { clock, store: createSimulatedStore({ clock }) }))
  const stop = new AbortController()
  let isOpen = false
  const open = () =>
    workInSteps(async function* () {
      isOpen = true
      try {
        await Promise.resolve()
        stop.abort(new Error('stopped'))
        yield
      } finally {
        isOpen = false
      }
    })
  await expect(queue.run(open, stop.signal)).rejects.toThrow('stopped')
  expect(isOpen).toBe(false)
})
