import { createServer } from 'node:http'
import { expect, it } from 'vitest'
import { systemClock } from '../../runtime/clock.ts'
import { silentLog } from '../../runtime/log.ts'
import { findDevices } from './find-devices.ts'

const { signal } = new AbortController()

it.each([
  [64, true],
  [65, false],
])('of %i hosts that say that they are there, the first is asked: %s', async (count, isAsked) => {
  let asked = 0
  const server = createServer((_, response) => {
    asked++
    response.writeHead(404).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0
  // Nobody listens at the others.
  const others = Array.from({ length: count - 1 }, (_, index) => ({ host: `127.0.1.${index}`, port: 1, addresses: [] }))
  const browse = () => Promise.resolve([{ host: '127.0.0.1', port, addresses: [] }, ...others])
  await findDevices(browse, { clock: systemClock, log: silentLog, random: Math.random }, signal)
  expect(asked > 0).toBe(isAsked)
  await new Promise((resolve) => server.close(resolve))
})
