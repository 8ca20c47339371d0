import { expect, it } from 'vitest'
import { openServer } from './server.ts'

const isAnswer = (value: unknown): value is { readonly watts: number } =>
  typeof value === 'object' && value !== null && 'watts' in value && typeof value.watts === 'number'
const answer = (body: unknown, init?: ResponseInit) => () => Promise.resolve(Response.json(body, init))

it.each([
  ['an answer of another form', answer({ watts: 'many' }), /does not know/],
  ['a problem', answer({ error: 'until: found "x"' }, { status: 400 }), /until: found "x"/],
  ['a session that is over', answer({}, { status: 401 }), /log in/],
  ['no answer', () => Promise.reject(new TypeError('fetch failed')), /does not answer/],
  ['no JSON', () => Promise.resolve(new Response('<html>', { status: 502 })), /answers 502/],
])('%s is reported', async (_, fetcher, words) => {
  await expect(openServer(fetcher).ask('/x', isAnswer)).rejects.toThrow(words)
})

it('asks once for what is expected, and again for the next time', async () => {
  let watts = 0
  const server = openServer(() => Promise.resolve(Response.json({ watts: ++watts })))
  server.expect(['/x'])
  expect(watts).toBe(1)
  expect(await server.ask('/x', isAnswer)).toEqual({ watts: 1 })
  expect(await server.ask('/x', isAnswer)).toEqual({ watts: 2 })
})

it('has what was expected at hand once it has come', async () => {
  const server = openServer(() => Promise.resolve(Response.json({ watts: 1 })))
  server.expect(['/x'])
  expect(server.kept('/x', isAnswer)).toBeUndefined()
  await server.allExpected()
  const kept = server.kept('/x', isAnswer)
  expect(kept).toEqual({ watts: 1 })
  expect(await server.ask('/x', isAnswer)).toBe(kept)
})

it('says why what was expected did not come', async () => {
  const server = openServer(() => Promise.reject(new TypeError('fetch failed')))
  server.expect(['/x'])
  await expect(server.ask('/x', isAnswer)).rejects.toThrow('does not answer')
})

it('asks whether a known answer has changed', async () => {
  const asked: (string | null)[] = []
  const server = openServer((_, init) => {
    const etag = new Headers(init?.headers).get('if-none-match')
    asked.push(etag)
    return Promise.resolve(
      etag === '"1"' ? new Response(null, { status: 304 }) : Response.json({ watts: 5 }, { headers: { etag: '"1"' } }),
    )
  })
  expect(server.kept('/x', isAnswer)).toBeUndefined()
  expect([await server.ask('/x', isAnswer), await server.ask('/x', isAnswer)]).toEqual([{ watts: 5 }, { watts: 5 }])
  expect(asked).toEqual([null, '"1"'])
  expect(server.kept('/x', isAnswer)).toEqual({ watts: 5 })
})

it('knows since when answers are kept ones, until one comes from the server', async () => {
  const kept = (ms?: string) => Response.json({ watts: 1 }, ms === undefined ? {} : { headers: { 'X-Kept-At': ms } })
  let next = kept()
  const server = openServer(() => Promise.resolve(next))
  const ask = async (path: string, answers: Response) => {
    next = answers
    await server.ask(path, isAnswer)
    return server.keptAtMs.value
  }
  expect(await ask('/x', kept())).toBeUndefined()
  expect(await ask('/api/v1/status', kept('1'))).toBeGreaterThan(20)
  expect([await ask('/x', kept('20')), await ask('/y', kept('30')), await ask('/x', kept('10'))]).toEqual([20, 20, 10])
  expect(await ask('/x', kept())).toBeUndefined()
})
