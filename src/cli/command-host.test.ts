import { expect, it } from 'vitest'
import { loadText } from '../../test/test-config.ts'
import { type Config, secret } from '../config/config.ts'
import { differingParts, digestParts } from './command-host.ts'

const salt = 'salt'
const DEVICE = { type: 'iotawatt', name: 'a', url: 'http://a' } as const
const STORE = { type: 'victoriametrics', address: { url: 'http://a' }, headers: {}, allowDuplicates: false } as const
const token = (text: string) => ({ kind: 'bearer', token: secret(text) }) as const
const NTFY = { type: 'ntfy', url: 'http://a' } as const
const ALERTS = { receivers: [{ ...NTFY, token: secret('0') }], circuits: [] }
const config: Config = { ...(await base()), store: STORE, alerts: ALERTS }

async function base(): Promise<Config> {
  return (await loadText('devices: [{ name: a, url: http://a }]')).config
}

const differs = (own: Partial<Config>, host: Partial<Config>, command = 'load') =>
  differingParts({ ...config, ...own }, { salt, parts: digestParts({ ...config, ...host }, salt) }, command)

it.each<[string, Partial<Config>, string[], string[]]>([
  ['nothing', {}, [], []],
  ['the metric', { metric: 'watts' }, ['metric'], ['metric']],
  ['the address of the store', { store: { ...STORE, address: { url: 'http://b' } } }, ['store'], ['store']],
  ['another kind of store', { store: { type: 'embedded' } }, ['store'], ['store']],
  ['the rules', { rules: [] }, ['labels'], ['labels']],
  ['a device', { devices: [{ ...DEVICE, name: 'b', url: 'http://b' }] }, ['devices'], ['devices']],
  ['channels', { devices: [{ ...DEVICE, channels: [] }] }, ['devices'], ['devices']],
  ['the log', { log: { level: 'debug', format: 'json' } }, [], []],
  ['the interval', { intervalMs: 60_000 }, [], ['interval']],
  ['the zone', { house: { ...config.house, timezone: 'Asia/Tokyo' } }, [], []],
  ['a token for alerts', { alerts: { ...ALERTS, receivers: [{ ...NTFY, token: secret('1') }] } }, [], ['alerts']],
  ['the mains', { house: { ...config.house, mains: ['x'] } }, [], ['house']],
])('what differs in %s', (_, changes, forLoad, forCheck) => {
  expect(differs(changes, {})).toEqual(forLoad)
  expect(differs({}, changes)).toEqual(forLoad)
  expect(differs(changes, {}, 'check')).toEqual(forCheck)
})

it('a login that only the daemon was given is a difference for check alone; another login for all', () => {
  const [none, one, other] = [{}, { store: { ...STORE, auth: token('1') } }, { store: { ...STORE, auth: token('2') } }]
  expect([differs(none, one), differs(one, none), differs(one, other), differs(one, one)]).toEqual([
    [],
    ['login of the store'],
    ['login of the store'],
    [],
  ])
  expect(differs(none, one, 'check')).toEqual(['login of the store'])
})

it('a digest holds no secret, and differs with the salt', () => {
  const secrets = { ...config, store: { ...STORE, auth: token('hunter2') } }
  const [one, two] = [digestParts(secrets, 'a'), digestParts(secrets, 'b')]
  expect(JSON.stringify(one)).not.toContain('hunter2')
  expect(one['login of the store']).not.toBe(two['login of the store'])
})
