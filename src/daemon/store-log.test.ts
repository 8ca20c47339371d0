import { expect, it } from 'vitest'
import type { Log } from '../runtime/log.ts'
import { sayOnceOfStore } from './store-log.ts'

const AWAY = 'POST http://vm:8428/api/v1/query: connection refused'

function setUp() {
  let timeMs = 0
  const lines: string[] = []
  const keep = (message: string) => void lines.push(message)
  const inner: Log = { debug() {}, info: keep, warn: keep, error: keep }
  const log = sayOnceOfStore(inner, { nowMs: () => timeMs })
  return { log, lines, wait: (minutes: number) => (timeMs += minutes * 60_000) }
}

const FLEET = Array.from({ length: 1_000 }, (_, index) => `site-${index}`)

it('a store that is away is one line of a thousand devices, and so is its return', () => {
  const { log, lines, wait } = setUp()
  for (let cycle = 0; cycle < 12; cycle++) {
    for (const device of FLEET) {
      log.warn(`${AWAY}; attempt 2 of 4 begins after a pause of 2 s`, { side: 'store' })
      log.error(cycle === 0 ? AWAY : `still: ${AWAY}`, { device, side: 'store' })
    }
    wait(4)
  }
  for (const device of FLEET) log.info(`${device}: works again`, { device, side: 'store' })
  expect(lines).toEqual([`${AWAY}; attempt 2 of 4 begins after a pause of 2 s`, 'site-0: works again'])
})

it('it is repeated after an hour, and when it comes again later', () => {
  const { log, lines, wait } = setUp()
  for (let minute = 0; minute <= 61; minute++) {
    log.error(AWAY, { device: 'site-1', side: 'store' })
    wait(1)
  }
  expect(lines).toHaveLength(2)
  wait(20)
  log.error(AWAY, { device: 'site-1', side: 'store' })
  expect(lines).toHaveLength(3)
})

it('what devices say of themselves stands as it is', () => {
  const { log, lines } = setUp()
  for (const device of ['a', 'b']) log.error(`${device}: no route to the host`, { device, side: 'device' })
  expect(lines).toHaveLength(2)
})
