import { expect, it } from 'vitest'
import { createSimulatedClock } from '../../test/doubles/simulated-clock.ts'
import { refusal } from './ask.ts'
import { openConnection, type Connection } from './connection.ts'
import { deviceLoad } from './device-load.ts'
import { TransportError } from './transport.ts'

const connection: Connection = {
  name: 'iwatt5',
  address: 'http://192.0.2.7',
  get: () => Promise.reject(new Error('not asked')),
  isBusy: () => false,
}
const question = { path: '/status', text: '/status', timeoutMs: 1_000, maxBytes: 1_000 }

it.each([
  [undefined, /^see the `username`/],
  ['Digest realm="IotaWatt",qop="auth",nonce="51dcb074"', /^see the `username`/],
  ['Basic realm="proxy"', /no password was sent/],
  ['Digest realm="proxy", nonce="51dcb074", algorithm=SHA-256', /no password was sent/],
  ['Digest realm="IotaWatt"', /no password was sent/],
])('a 401 that asks for %s says where to look', (challenge, hint) => {
  const headers = challenge === undefined ? {} : { 'www-authenticate': challenge }
  const error = refusal({ status: 401, body: 'no', headers, tookMs: 1 }, question, connection)
  expect(error).toMatchObject({ reason: 'unauthorized', hint: expect.stringMatching(hint) })
})

it.each([
  ['a redirect names where it leads', 301, '', { location: 'https://192.0.2.7/status' }, /: 301, sent on to "https:/],
  ['a redirect that says nothing', 302, '', {}, /: 302$/],
  [
    'a VictoriaMetrics is called so',
    400,
    'remoteAddr: "192.0.2.9:4711"; requestURI: /status; unsupported path requested: "/status"',
    {},
    /: 400: this is a VictoriaMetrics, not an IoTaWatt$/,
  ],
])('%s', (_, status, body, headers, message) => {
  const error = refusal({ status, body, headers, tookMs: 1 }, question, connection)
  expect(error.message).toMatch(message)
  expect(error).toMatchObject({ reason: 'rejected', hint: expect.stringMatching(/give the address of the device/) })
})

it.each([
  ['https://192.0.2.7', /^an IoTaWatt speaks http only: http:\/\/192\.0\.2\.7; /],
  ['http://192.0.2.7', /^check that it is on and/],
  ['http://iotawatt.local:8080', /^check that it is on; .* use the IP address$/],
])('a connection to %s that ends without an answer says where to look', async (address, hint) => {
  const clock = createSimulatedClock(0)
  const ended = new TransportError('unreachable', 'connection was closed without an answer', { asked: true })
  const encrypted = openConnection({
    name: 'iwatt5',
    address,
    transport: { get: () => Promise.reject(ended) },
    load: deviceLoad(1, clock),
    clock,
  })
  const asked = encrypted.get(question, new AbortController().signal)
  await expect(asked).rejects.toMatchObject({ reason: 'unreachable', hint: expect.stringMatching(hint) })
})
