import { expect, it } from 'vitest'
import { askTogether } from './ask-together.ts'

const { signal } = new AbortController()

/** Questions that are answered when the test wants it. */
function setUp() {
  const questions: { readonly asked: readonly string[]; answer(): void; fail(error: Error): void }[] = []
  const ask = askTogether(
    (asked: readonly string[]) =>
      new Promise<string>((resolve, reject) => {
        questions.push({ asked, answer: () => resolve(asked.join('+')), fail: reject })
      }),
  )
  const turn = () => new Promise((resolve) => setImmediate(resolve))
  return { ask, questions, turn }
}

it('whoever comes while a question is under way shares the next one', async () => {
  const { ask, questions, turn } = setUp()
  const first = ask('a', signal)
  await turn()
  const others = Promise.all([ask('b', signal), ask('c', signal)])
  await turn()
  expect(questions.map(({ asked }) => asked)).toEqual([['a']])
  questions[0]?.answer()
  expect(await first).toBe('a')
  await turn()
  questions[1]?.answer()
  expect(await others).toEqual(['b+c', 'b+c'])
})

it('a question that fails does so for those who share it, and the next is asked', async () => {
  const { ask, questions, turn } = setUp()
  const both = Promise.allSettled([ask('a', signal), ask('b', signal)])
  await turn()
  const next = ask('c', signal)
  questions[0]?.fail(new Error('away'))
  expect((await both).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  await turn()
  questions[1]?.answer()
  expect(await next).toBe('c')
})

it('who is aborted waits no longer, and takes nothing from the others', async () => {
  const { ask, questions, turn } = setUp()
  const stop = new AbortController()
  const aborted = ask('a', stop.signal).catch((error: unknown) => error)
  const other = ask('b', signal)
  await turn()
  stop.abort(new Error('stopped'))
  expect(await aborted).toMatchObject({ message: 'stopped' })
  questions[0]?.answer()
  expect(await other).toBe('a+b')
})
