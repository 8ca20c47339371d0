import { expect, it } from 'vitest'
import { askTogether } from './ask-together.ts'

const { signal } = new AbortController()

/** Questions that are answered when the test says so. */
function setUp() {
  const questions: { readonly asked: readonly string[]; answer(): void; fail(error: Error): void }[] = []
  const ask = askTogether(
    (asked: readonly string[]) =>
      new Promise<string>((resolve, reject) => {
        questions.push({ asked, answer: () => resolve(asked.join('+')), fail: reject })
      }),
  )
  const settled = () => new Promise((resolve) => setImmediate(resolve))
  return { ask, questions, settled }
}

it('whoever comes while a question is under way shares the next one', async () => {
  const { ask, questions, settled } = setUp()
  const first = ask('a', signal)
  await settled()
  const others = Promise.all([ask('b', signal), ask('c', signal)])
  await settled()
  expect(questions.map(({ asked }) => asked)).toEqual([['a']])
  questions[0]?.answer()
  expect(await first).toBe('a')
  await settled()
  questions[1]?.answer()
  expect(await others).toEqual(['b+c', 'b+c'])
})

it('a question that fails does so for those who share it, and the next is asked', async () => {
  const { ask, questions, settled } = setUp()
  const both = Promise.allSettled([ask('a', signal), ask('b', signal)])
  await settled()
  const next = ask('c', signal)
  questions[0]?.fail(new Error('away'))
  expect((await both).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  await settled()
  questions[1]?.answer()
  expect(await next).toBe('c')
})

it('who is aborted waits no longer, and takes nothing from the others', async () => {
  const { ask, questions, settled } = setUp()
  const stop = new AbortController()
  const aborted = ask('a', stop.signal).catch((error: unknown) => error)
  const other = ask('b', signal)
  await settled()
  stop.abort(new Error('stopped'))
  expect(await aborted).toMatchObject({ message: 'stopped' })
  questions[0]?.answer()
  expect(await other).toBe('a+b')
})
