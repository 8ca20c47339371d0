import { Readable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import type { Answer } from '../http/answer.ts'
import { explainAnswer } from './explain-answer.ts'

const POST = 'POST http://vm:8428/api/v1/query'
const answer = (status: number, changes: Partial<Answer> = {}): Answer => ({
  asked: POST,
  product: 'VictoriaMetrics',
  status,
  header: () => undefined,
  redact: (text) => text.replaceAll('hunter2', '***'),
  body: Readable.from([]),
  ...changes,
})
const said = (given: Answer, body = '') => {
  const { reason, message, hint } = explainAnswer(given, body)
  return { reason, message, hint }
}
const leadingTo = (location: string) => answer(301, { header: (name) => (name === 'location' ? location : undefined) })

describe('a login', () => {
  test.each<[string, Answer, string, string, RegExp]>([
    [
      'that is missing',
      answer(401),
      '',
      ': 401: it wants a login; none is given',
      /store\.username and store\.passwordFile, or store\.tokenFile/,
    ],
    [
      'that is missing behind vmauth',
      answer(400),
      'missing `Authorization` request header',
      ': 400: it wants a login; none is given: missing `Authorization` request header',
      /^give it/,
    ],
    [
      'with a wrong password',
      answer(401, { login: 'password' }),
      '',
      ': 401: the login that was given is refused',
      /^correct store\.username, and store\.password/,
    ],
    [
      'with a wrong token',
      answer(403, { login: 'token' }),
      'no',
      ': 403: the login that was given is refused: no',
      /^correct store\.token/,
    ],
    [
      'with a wrong header',
      answer(401, { login: 'header' }),
      '',
      ': 401: the login that was given is refused',
      /store\.headers/,
    ],
    [
      'that may be what a 403 wants',
      answer(403),
      '',
      ': 403: refused; no login is given',
      /^where it wants a login, give it/,
    ],
  ])('%s is reported as such', (_, given, body, message, hint) =>
    expect(said(given, body)).toEqual({
      reason: 'unauthorized',
      message: POST + message,
      hint: expect.stringMatching(hint),
    }),
  )
})

describe('a redirect names where it leads', () => {
  test.each([
    ['https://vm.example.org/api/v1/query?x=1', 'give that address, https://vm.example.org, in'],
    ['https://h/vm/metrics', 'give that address, https://h/vm, in'],
    ['/login?token=hunter2', 'a page to log in'],
  ])('%s', (location, hint) => {
    const found = said(leadingTo(location))
    expect(found.message).toBe(`${POST}: 301: it leads to ${location.replace('hunter2', '***')}`)
    expect(found.hint).toContain(hint)
  })

  test('that says nothing', () => expect(said(answer(302)).hint).toContain('check the address of the store'))
})

/** As VictoriaMetrics repeats it, once more in each level. */
const QUERY = `union(aggr_over_time(("count_over_time"),{device="iwatt5",location=~"${'Circuit_1|'.repeat(200)}"}[7d]))`
const CAUSE =
  'cannot select more than -search.maxSamplesPerQuery=100 samples; possible solutions: to increase the -search.maxSamplesPerQuery'

describe('a limit of the store', () => {
  test('shows its cause behind a long question', () => {
    const error = `error when executing query=${JSON.stringify(QUERY)} for (time=1): cannot evaluate ${JSON.stringify(QUERY)}: ${CAUSE}`
    const { message, hint } = said(answer(422), JSON.stringify({ status: 'error', errorType: '422', error }))
    expect(message).toMatch(
      /: 422: error when executing query="union\(aggr_over_time\(\(\\"count…" for \(time=1\): cannot evaluate/,
    )
    expect(message).toContain('cannot select more than -search.maxSamplesPerQuery=100 samples')
    expect(message.length).toBeLessThan(400)
    expect(hint).toBe('a limit of the store is too low for this: start it with a higher -search.maxSamplesPerQuery')
  })

  test.each([
    [
      400,
      `remoteAddr: "127.0.0.1:1"; requestURI: /api/v1/export?match%5B%5D=${'x'.repeat(2000)}; cannot fetch data for "filters=[${'y'.repeat(500)}]": ${CAUSE}`,
      'cannot select more than -search.maxSamplesPerQuery=100 samples',
      '-search.maxSamplesPerQuery',
    ],
    [
      422,
      'the number of matching timeseries exceeds 3; either narrow down the search or increase -search.max* command-line flag values',
      '-search.max*',
      '-search.max*',
    ],
    [400, 'cannot read vmimport data: too long line: more than 200 bytes', 'too long line', '-import.maxLineLen=1MB'],
    [413, '<html>413</html>', 'a web page', 'client_max_body_size'],
    [400, 'Client sent an HTTP request to an HTTPS server.', 'HTTPS', 'write https://'],
    [400, 'The plain HTTP request was sent to HTTPS port', 'HTTPS', 'write https://'],
  ])('%i %s', (status, body, cause, flag) => {
    const { reason, message, hint } = said(answer(status), body)
    expect(reason).toBe('rejected')
    expect(message).toContain(cause)
    expect(message.length).toBeLessThan(400)
    expect(hint).toContain(flag)
    expect(hint).not.toContain('check the address')
  })
})

test.each(['{"error":', '"'.repeat(50_000), '\\"'.repeat(30_000), `"${'\\'.repeat(60_000)}`])(
  'an answer that is odd is short and soon there: %#',
  (body) => expect(said(answer(400), body).message.length).toBeLessThan(400),
)

test('what is cut holds no part of a secret', () => {
  const body = `${'a'.repeat(76)}hunter2${'b'.repeat(500)}hunter2`
  expect(said(answer(400), body).message).not.toMatch(/hunt|ter2/)
})
