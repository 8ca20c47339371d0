import { describe, expect, it } from 'vitest'
import type { DeviceFault } from './device-fault.ts'
import type { DevicePasswords } from '../../src/simulator/answer-status.ts'
import { digestResponse, parseAuthorization } from './digest-login.ts'
import { loadCardFixture, RECORDED_AT_MS } from '../../src/simulator/fixtures/load-fixtures.ts'
import { createSimulatedDevice, type SimulatedDevice, type SimulatedDeviceOptions } from './simulated-device.ts'
import { cardSource } from '../../src/simulator/start-simulator.ts'

const MINUTES = '/query?select=[time.utc.unix,Mains_1]&begin=1717199400&end=1717200000&group=1m&header=yes'
const OLD_HOURS = '/query?select=[time.utc.unix,Mains_1]&begin=1716940800&end=1716948000&group=1h'

function openDevice(options: Partial<SimulatedDeviceOptions> = {}) {
  let timeMs = RECORDED_AT_MS
  const source = cardSource(loadCardFixture('iwatt5'))
  const device = createSimulatedDevice({ source, clock: { nowMs: () => timeMs }, ...options })
  return { device, advance: (durationMs: number) => void (timeMs += durationMs) }
}

function get(device: SimulatedDevice, url: string, headers: Record<string, string> = {}) {
  return device.answer({ method: 'GET', url, headers })
}

function startTime(device: SimulatedDevice): unknown {
  return JSON.parse(get(device, '/status?stats=').body).stats.starttime
}

function seriesNames(device: SimulatedDevice): string[] {
  return JSON.parse(get(device, '/query?show=series').body).series.map((series: { name: string }) => series.name)
}

describe('what a question costs', () => {
  it.each([
    [MINUTES, 11],
    ['/query?select=[Mains_1]&begin=1716940800&end=1717200000&group=all', 2],
    ['/query?select=[Mains_1,Mains_2]&begin=1716940800&end=1717200000&group=1m&limit=1000', 1001],
    ['/query?select=[Mains_1]&begin=1717192800&end=1717200000&group=5s&limit=none', 1441],
    ['/query?show=series', 0],
    ['/status?stats=&datalogs=&inputs=&outputs=', 0],
  ])('%s reads %d records', (url, recordReads) => {
    const { device } = openDevice({ readCostMs: 2 })
    expect(get(device, url)).toMatchObject({ recordReads, costMs: 2 * recordReads })
    expect(device.counters()).toMatchObject({ requests: 1, recordReads, longestMs: 2 * recordReads })
  })

  it('is counted by path, and as a share of the time', () => {
    const { device, advance } = openDevice({ readCostMs: 10 })
    get(device, MINUTES)
    get(device, MINUTES)
    get(device, '/status')
    advance(1000)
    expect(device.counters()).toMatchObject({ requests: 3, blockedMs: 220, longestMs: 110, blockedShare: 0.22 })
    expect([...device.counters().requestsByPath]).toEqual([
      ['/query', 2],
      ['/status', 1],
    ])
    device.resetCounters()
    expect(device.counters()).toMatchObject({ requests: 0, recordReads: 0, blockedMs: 0 })
  })
})

describe('after a start', () => {
  it('answers old data with nulls until its history log is open', () => {
    const { device, advance } = openDevice({ historyOpensAfterMs: 4000 })
    const nulls = '[[1716940800,null],[1716944400,null]]'
    const history = () => JSON.parse(get(device, '/status?datalogs=').body).datalogs[1]
    expect([history().firstkey, history().lastkey, history().size, get(device, OLD_HOURS).body]).toEqual([
      0,
      0,
      0,
      nulls,
    ])
    advance(4000)
    expect(history().lastkey).toBe(1_717_200_000)
    expect(get(device, OLD_HOURS).body).not.toContain('null')
    device.reboot()
    expect(get(device, OLD_HOURS).body).toBe(nulls)
    device.setClockOffset(-3_600_000)
    advance(4000)
    expect([device.isHistoryOpen(), get(device, OLD_HOURS).body]).toEqual([true, expect.not.stringContaining('null')])
  })

  it.each([
    ['a restart', (device: SimulatedDevice) => device.reboot()],
    ['a command', (device: SimulatedDevice) => get(device, '/command?restart=yes')],
    ['a crash', (device: SimulatedDevice) => get(device, '/query?select=[]&begin=1717199880&end=s&group=1m')],
    ['an endless loop', (device: SimulatedDevice) => get(device, '/query?=x&a=b')],
    ['a query of more than five minutes', (device: SimulatedDevice) => get(device, `${MINUTES}&limit=none`)],
  ])('%s: it tells another start', (_, restart) => {
    const { device } = openDevice({ readCostMs: 30_000 })
    const before = startTime(device)
    restart(device)
    expect(startTime(device)).toBeGreaterThan(Number(before))
  })
})

describe('faults', () => {
  it.each<[DeviceFault, object]>([
    [{ kind: 'refused' }, { connection: 'refused', recordReads: 0 }],
    [{ kind: 'reset-before' }, { connection: 'reset', sentBytes: 0, recordReads: 0 }],
    [
      { kind: 'reset-during', sentBytes: 40 },
      { connection: 'reset', sentBytes: 40, recordReads: 11 },
    ],
    [{ kind: 'reset-after' }, { connection: 'reset', sentBytes: 0, recordReads: 11 }],
    [
      { kind: 'cut', sentBytes: 40 },
      { connection: 'cut', sentBytes: 40, status: 200 },
    ],
    [
      { kind: 'shortened', sentBytes: 10 },
      { connection: 'close', body: '{"range":[', sentBytes: 10 },
    ],
    [
      { kind: 'delay', delayMs: 700 },
      { connection: 'close', delayMs: 700, status: 200 },
    ],
    [
      { kind: 'status', status: 500, body: 'no' },
      { status: 500, statusText: 'Internal Server Error', body: 'no' },
    ],
    [{ kind: 'garbage' }, { status: 200, connection: 'close' }],
  ])('%o', (fault, answer) => {
    const { device } = openDevice({ before: () => fault })
    expect(get(device, MINUTES)).toMatchObject(answer)
  })

  it('a restart while it answers leaves the answer and changes the start', () => {
    const { device } = openDevice({ before: ({ url }) => (url === MINUTES ? { kind: 'restart' } : undefined) })
    const before = startTime(device)
    expect(get(device, MINUTES).status).toBe(200)
    expect(startTime(device)).not.toBe(before)
  })

  it('can be ended', () => {
    const { device } = openDevice({ before: () => ({ kind: 'refused' }) })
    device.setFaults(undefined)
    expect(get(device, MINUTES).status).toBe(200)
  })
})

it('does not answer without power', () => {
  const { device } = openDevice()
  device.setPower('off')
  expect(get(device, MINUTES).connection).toBe('refused')
  device.setPower('on')
  expect(get(device, MINUTES).status).toBe(200)
})

it('has a clock that can be moved against the true one', () => {
  const { device } = openDevice()
  device.setClockOffset(3_600_000)
  expect(JSON.parse(get(device, '/status?stats=').body).stats.currenttime).toBe(
    RECORDED_AT_MS / 1000 - 3 / 1000 + 3600.003,
  )
})

it('renames, removes and adds channels, and its configuration tells', () => {
  const { device } = openDevice()
  const fingerprint = () => get(device, '/config.txt').headers.find(([name]) => name === 'X-configSHA256')?.[1]
  const seen = [fingerprint()]
  device.renameChannel('Dryer', 'EV')
  seen.push(fingerprint())
  device.removeChannel('EastWall')
  expect(seriesNames(device)).not.toContain('EastWall')
  seen.push(fingerprint())
  device.addChannel('Pool')
  seen.push(fingerprint())
  expect(seriesNames(device)).toEqual(expect.arrayContaining(['EV', 'Pool', 'Mains_1', 'Solar']))
  expect(new Set(seen).size).toBe(4)
  expect(() => device.addChannel('Sauna')).toThrow('taken')
})

describe('login', () => {
  const both: DevicePasswords = { admin: 'secret', user: 'reader' }

  /** What a client answers to the device's challenge. */
  function login(device: SimulatedDevice, url: string, [user, password]: readonly [string, string], count = 1): number {
    const challenge = get(device, url).headers.find(([name]) => name === 'WWW-Authenticate')?.[1] ?? ''
    return get(device, url, { authorization: authorize(challenge, url, { user, password, count }) }).status
  }

  function authorize(
    challenge: string,
    uri: string,
    { user, password, count }: { user: string; password: string; count: number },
  ): string {
    const { realm = '', nonce = '' } = Object.fromEntries(parseAuthorization(challenge))
    const nc = count.toString(16).padStart(8, '0')
    const fields = new Map(Object.entries({ nonce, nc, uri, cnonce: 'abc', qop: 'auth' }))
    const response = digestResponse({ user, realm, password }, 'GET', fields)
    return `Digest username="${user}", realm="${realm}", nonce="${nonce}", uri="${uri}", cnonce="abc", nc=${nc}, qop=auth, response="${response}"`
  }

  it('is asked for as the firmware does', () => {
    const { status, headers, body } = get(openDevice({ passwords: both }).device, '/query?show=series')
    expect({ status, body }).toEqual({ status: 401, body: 'IoTaWatt-Login' })
    expect(headers.map(([name]) => name)).toEqual(['Content-Type', 'WWW-Authenticate', 'Content-Length', 'Connection'])
    expect(headers[1]?.[1]).toMatch(/^Digest realm="iwatt5",qop="auth",nonce="[0-9a-f]{32}"$/)
  })

  it('computes the response that a real device accepted', () => {
    const header =
      'Digest username="user", realm="IotaWatt", nonce="51dcb074ff5c49194a94e82aec585562", uri="/nullreq", ' +
      'cnonce="YjdiOTFhMTBmNWM5ODBlNzYxZjM5Mzc0ZTRlYjAzNWY=", nc=00000001, qop=auth'
    const user = { user: 'user', realm: 'IotaWatt', password: 'reader' }
    expect(digestResponse(user, 'GET', parseAuthorization(header))).toBe('c46ee5473467bab60c0e4f9756e3a81b')
  })

  it.each([
    ['/query?show=series', ['user', 'reader'], 200],
    ['/status?device=', ['user', 'reader'], 200],
    ['/nope.htm', ['user', 'reader'], 404],
    ['/config.txt', ['user', 'reader'], 401],
    ['/iotawatt/histlog.log', ['user', 'reader'], 401],
    ['/config.txt', ['admin', 'secret'], 200],
    ['/query?show=series', ['admin', 'secret'], 200],
    ['/query?show=series', ['user', 'wrong'], 401],
    ['/query?show=series', ['root', 'secret'], 401],
  ] as const)('%s as %j: %d', (url, user, status) => {
    expect(login(openDevice({ passwords: both }).device, url, user)).toBe(status)
  })

  it('a nonce serves for ten minutes, each count once', () => {
    const { device, advance } = openDevice({ passwords: both })
    const challenge = get(device, '/nullreq').headers[1]?.[1] ?? ''
    const ask = (count: number) => {
      const authorization = authorize(challenge, '/nullreq', { user: 'user', password: 'reader', count })
      return get(device, '/nullreq', { authorization }).status
    }
    expect([ask(1), ask(2), ask(2), ask(3)]).toEqual([200, 200, 401, 200])
    advance(599_000)
    expect(ask(4)).toBe(200)
    advance(601_000)
    expect(ask(5)).toBe(401)
  })

  it.each<[string, DevicePasswords]>([
    ['without an admin password', { user: 'reader' }],
    ['with access for the local network', { ...both, localAccess: true }],
  ])('is not asked for %s', (_, passwords) => {
    expect(get(openDevice({ passwords }).device, '/config.txt').status).toBe(200)
  })

  it('basic authentication is none', () => {
    const headers = { authorization: `Basic ${Buffer.from('user:reader').toString('base64')}` }
    expect(get(openDevice({ passwords: both }).device, '/nullreq', headers).status).toBe(401)
  })

  it('as user where only admin has a password brings the device down', () => {
    const { device } = openDevice({ passwords: { admin: 'secret' } })
    const headers = { authorization: 'Digest username="user", realm="iwatt5", nonce="0", response="0"' }
    expect(get(device, '/nullreq', headers).connection).toBe('reset')
  })
})
