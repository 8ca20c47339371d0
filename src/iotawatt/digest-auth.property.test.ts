import { validateHeaderValue } from 'node:http'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { damaged } from '../../test/damage.ts'
import { digestAuth, digestResponse } from './digest-auth.ts'

const credentials = { username: 'admin', password: 'reader' }
/** What HTTP lets through. */
const headers = fc.stringMatching(/^[\t\x20-\x7e\x80-\xff]{0,200}$/)
const quoted = fc.oneof(
  fc.stringMatching(/^[\x20\x21\x23-\x5b\x5d-\x7e]{1,30}$/),
  fc.constantFrom('a, nonce=b', ' realm=c', 'algorithm=SHA-256'),
)
const parameters = fc.record({ realm: quoted, nonce: quoted, opaque: quoted, domain: quoted })

const CHALLENGE = 'Digest realm="IotaWatt", qop="auth", algorithm=MD5, nonce="51dcb074ff5c49194a94e82aec585562"'

it('whatever asks for a login, the answer is one that HTTP carries, or none', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        headers,
        damaged(CHALLENGE).map(asHeader),
        headers.map((text) => `Digest ${text}`),
      ),
      (header) => {
        const digest = digestAuth(credentials)
        const isTaken = digest.challenge(header)
        const answer = digest.header('/query?select=[x]')
        expect(answer !== undefined).toBe(isTaken)
        if (answer !== undefined) expect(() => validateHeaderValue('authorization', answer)).not.toThrow()
        if (answer !== undefined) expect(answer).not.toContain(credentials.password)
      },
    ),
  )
})

it('finds realm and nonce in whatever order, spacing and company', () => {
  const separators = fc.constantFrom(',', ', ', ' , ', ',  ')
  fc.assert(
    fc.property(
      parameters,
      fc.shuffledSubarray(['realm', 'nonce', 'opaque', 'domain'], { minLength: 4 }),
      separators,
      (said, order, separator) => {
        const list = order.map((name) => `${name}="${said[name as keyof typeof said]}"`)
        const digest = digestAuth(credentials)
        expect(digest.challenge(`Digest ${[...list, 'qop="auth"', 'algorithm=md5'].join(separator)}`)).toBe(true)
        const answer = digest.header('/query') ?? ''
        const { realm, nonce } = said
        const cnonce = / cnonce="(\w+)"/.exec(answer.slice(answer.lastIndexOf(' cnonce=')))?.[1] ?? ''
        expect(answer).toContain(`realm="${realm}", nonce="${nonce}"`)
        const parts = { ...credentials, realm, nonce, uri: '/query', nc: '00000001', cnonce }
        expect(answer).toContain(`response="${digestResponse(parts)}"`)
      },
    ),
  )
})

function asHeader(text: string): string {
  return text.replace(/[^\t\x20-\x7e\x80-\xff]/g, '')
}
