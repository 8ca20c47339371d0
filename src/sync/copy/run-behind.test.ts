import { expect, it } from 'vitest'
import { runBehind } from './run-behind.ts'

/** What happened, in its order, and things that end when they are told to. */
function watch() {
  const events: string[] = []
  const ends = new Map<string, (error?: Error) => void>()
  const act = (name: string) => () => {
    events.push(`${name} begins`)
    return new Promise<void>((resolve, reject) => {
      ends.set(name, (error) => {
        events.push(`${name} ends`)
        if (error) reject(error)
        else resolve()
      })
    })
  }
  return { events, act, end: (name: string, error?: Error) => ends.get(name)?.(error) }
}

it('begins the next when the one before has ended, and lets its caller go on meanwhile', async () => {
  const { events, act, end } = watch()
  const behind = runBehind()
  await behind.start(act('first'))
  events.push('prepared')
  const next = behind.start(act('second'))
  await Promise.resolve()
  end('first')
  await next
  expect(events).toEqual(['first begins', 'prepared', 'first ends', 'second begins'])
})

it('begins nothing any more after a failure, and throws it each time', async () => {
  const { events, act, end } = watch()
  const behind = runBehind()
  await behind.start(act('first'))
  end('first', new Error('lost'))
  await expect(behind.start(act('second'))).rejects.toThrow('lost')
  await expect(behind.start(act('third'))).rejects.toThrow('lost')
  await expect(behind.end()).rejects.toThrow('lost')
  await behind.flush()
  expect(events).toEqual(['first begins', 'first ends'])
})
