import { expect, it } from 'vitest'
import { type FakeServer, startFakeServer, status } from '../../test/doubles/fake-server.ts'
import { secret } from '../config/config.ts'
import { checkReceivers } from './check-alerts.ts'

const { signal } = new AbortController()

async function found(servers: readonly FakeServer[], isTest: boolean): Promise<string[]> {
  const receivers = servers.map(({ url }) => ({ type: 'webhook', url: `${url}/path`, token: secret('t0k') }) as const)
  const findings = await checkReceivers({ alerts: { receivers, circuits: [] } }, { isTest, nowMs: 0, signal })
  return findings.map(({ verdict, message }) => `${verdict} ${message.replace(/:\d+/, '')}`)
}

it('receivers are named, and sent a test where that is asked', async () => {
  const taking = await startFakeServer(status(204))
  const refusing = await startFakeServer(status(403))
  try {
    expect(await found([taking], false)).toEqual([
      'GOOD webhook at http://127.0.0.1; to send each a test: check --test-alert',
    ])
    expect(taking.bodies).toEqual([])
    expect(await found([taking, refusing], true)).toEqual([
      'GOOD webhook at http://127.0.0.1 took the test',
      'BAD webhook at http://127.0.0.1: answered 403: check its token',
    ])
    expect(JSON.parse(taking.bodies[0] ?? '')).toMatchObject({ kind: 'test', state: 'began' })
  } finally {
    await taking.stop()
    await refusing.stop()
  }
})

it('a test of no alerts is a mistake', async () => {
  expect(await checkReceivers({}, { isTest: false, nowMs: 0, signal })).toEqual([])
  expect(await checkReceivers({}, { isTest: true, nowMs: 0, signal })).toEqual([
    expect.objectContaining({ verdict: 'BAD', subject: 'alerts' }),
  ])
})
