import { expect, it } from 'vitest'
import { runTogether } from './run-together.ts'

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

it('a loop that fails ends the others, and its error comes when all have ended', async () => {
  const ended: string[] = []
  const waiting = async (signal: AbortSignal) => {
    await untilAborted(signal)
    await Promise.resolve()
    ended.push('the other')
  }
  const failing = () => Promise.reject(new Error('broken'))
  await expect(runTogether([waiting, failing], new AbortController().signal)).rejects.toThrow('broken')
  expect(ended).toEqual(['the other'])
})

it('a stop ends all of them, and what they throw at it is no failure', async () => {
  const stop = new AbortController()
  const throwing = async (signal: AbortSignal) => {
    await untilAborted(signal)
    signal.throwIfAborted()
  }
  const ended = runTogether([untilAborted, throwing], stop.signal)
  stop.abort(new Error('stopped'))
  await expect(ended).resolves.toBeUndefined()
})
