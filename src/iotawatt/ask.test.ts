import { expect, it } from 'vitest'
import { refusal } from './ask.ts'
import type { Connection } from './connection.ts'

const connection: Connection = {
  name: 'iwatt5',
  address: 'http://192.0.2.7',
  get: () => Promise.reject(new Error('not asked')),
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
