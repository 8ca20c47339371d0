import fc from 'fast-check'
import { expect, it } from 'vitest'
import { redactor } from './http-client.ts'

it('takes out whatever was sent, as it is and as it was sent', () => {
  const text = fc.string({ minLength: 3, unit: 'grapheme' })
  fc.assert(
    fc.property(text, text, text, (username, password, header) => {
      const redact = redactor({ auth: { kind: 'basic', username, password }, headers: { 'x-key': header } })
      const sent = Buffer.from(`${username}:${password}`).toString('base64')
      for (const secret of [password, header, sent]) expect(redact(`<${secret}>`)).toBe('<***>')
      expect(redactor({ auth: { kind: 'bearer', token: password } })(`<${password}>`)).toBe('<***>')
    }),
  )
})

it('takes it out however it is quoted', () => {
  const text = fc.string({ minLength: 3, unit: 'grapheme-ascii' })
  const toPage = (secret: string) =>
    secret.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
  fc.assert(
    fc.property(text, (secret) => {
      const redact = redactor({ auth: { kind: 'basic', username: 'u', password: secret } })
      const forms = [
        JSON.stringify({ at: [secret] }),
        `?a=${encodeURIComponent(secret)}`,
        `?${new URLSearchParams({ a: secret }).toString()}`,
        toPage(secret),
        toPage(secret).replaceAll("'", '&#39;'),
        encodeURIComponent(secret).replace(/%../g, (letter) => letter.toLowerCase()),
      ]
      expect(forms.map(redact)).toEqual(['{"at":["***"]}', '?a=***', '?a=***', '***', '***', '***'])
    }),
  )
})

it('takes out all of a secret that another one of fewer letters looks like', () => {
  const redact = redactor({
    auth: { kind: 'bearer', token: '\u{10000}\u{10000}\u{10000}' },
    headers: { 'x-key': 'éééx1' },
  })
  expect(redact('<éééx1>')).toBe('<***>')
})

it('takes out a secret that is no valid Unicode', () =>
  expect(redactor({ auth: { kind: 'basic', username: 'u', password: 'a\ud800b' } })('<a\ud800b>')).toBe('<***>'))

it('leaves everything else as it is', () => {
  const redact = redactor({ auth: { kind: 'bearer', token: 'tok-1.2' }, headers: { 'x-tenant': '7' } })
  expect(redact('7 tok-1x2 tok-1.2')).toBe('7 tok-1x2 ***')
})
