import { expect, it } from 'vitest'
import { digestAuth, digestResponse } from './digest-auth.ts'

const CHALLENGE = 'Digest realm="IotaWatt",qop="auth",nonce="51dcb074ff5c49194a94e82aec585562"'
const credentials = { username: 'user', password: 'reader' }

it('computes what a real device accepted', () => {
  const nonce = '51dcb074ff5c49194a94e82aec585562'
  const cnonce = 'YjdiOTFhMTBmNWM5ODBlNzYxZjM5Mzc0ZTRlYjAzNWY='
  const parts = { ...credentials, realm: 'IotaWatt', nonce, uri: '/nullreq', nc: '00000001', cnonce }
  expect(digestResponse(parts)).toBe('c46ee5473467bab60c0e4f9756e3a81b')
})

it('answers the challenge of a real device as a real client did', () => {
  const digest = digestAuth(credentials)
  expect(digest.challenge(CHALLENGE)).toBe(true)
  const header = digest.header('/nullreq') ?? ''
  const cnonce = /cnonce="([^"]+)"/.exec(header)?.[1] ?? ''
  const nonce = '51dcb074ff5c49194a94e82aec585562'
  const response = digestResponse({ ...credentials, realm: 'IotaWatt', nonce, uri: '/nullreq', nc: '00000001', cnonce })
  expect(header).toBe(
    `Digest username="user", realm="IotaWatt", nonce="${nonce}", uri="/nullreq", cnonce="${cnonce}", nc=00000001, qop=auth, response="${response}"`,
  )
})

it('says nothing before it is asked', () => expect(digestAuth(credentials).header('/query')).toBeUndefined())

it('uses a nonce again with a growing count, and begins again with a new one', () => {
  const digest = digestAuth(credentials)
  const counts = () => [0, 1].map(() => /nc=(\w+),/.exec(digest.header('/query') ?? '')?.[1])
  expect(digest.challenge(CHALLENGE)).toBe(true)
  expect(counts()).toEqual(['00000001', '00000002'])
  expect(digest.challenge(CHALLENGE.replace('51dc', '62ed'))).toBe(true)
  expect(counts()).toEqual(['00000001', '00000002'])
})

it('takes no nonce out of another text', () => {
  const digest = digestAuth(credentials)
  expect(digest.challenge(CHALLENGE.replace('qop="auth"', 'opaque="x, nonce=y"'))).toBe(true)
  expect(digest.header('/query')).toContain('nonce="51dcb074ff5c49194a94e82aec585562"')
})

it('names the page alone, without its query and in lower case, as a device needs no more', () => {
  const digest = digestAuth(credentials)
  digest.challenge(CHALLENGE)
  expect(digest.header('/Query?select=[Mains_1]')).toContain('uri="/query"')
})

it.each(['Basic realm="x"', 'Digest realm="x"', CHALLENGE.replace('Digest ', 'Digest algorithm=SHA-256,')])(
  'does not answer %s',
  (challenge) => expect(digestAuth(credentials).challenge(challenge)).toBe(false),
)
