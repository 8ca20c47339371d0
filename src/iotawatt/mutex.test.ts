import { expect, it } from 'vitest'
import { createMutex } from './mutex.ts'

const never = new AbortController().signal

function openDoor() {
  let open = () => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { open, opened }
}

it('runs one task at a time, in order, whatever becomes of the others', async () => {
  const takeTurn = createMutex()
  const seen: string[] = []
  const task =
    (name: string, fails = false) =>
    async () => {
      seen.push(`${name} begins`)
      await Promise.resolve()
      seen.push(`${name} ends`)
      if (fails) throw new Error(name)
      return name
    }
  const turns = [takeTurn(task('a'), never), takeTurn(task('b', true), never), takeTurn(task('c'), never)]
  expect((await Promise.allSettled(turns)).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  expect(seen).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends'])
})

it('rejects an aborted task at once, but begins the next one only when it has ended', async () => {
  const takeTurn = createMutex()
  const { open, opened } = openDoor()
  const controller = new AbortController()
  const first = takeTurn(() => opened, controller.signal)
  let hasBegun = false
  const second = takeTurn(async () => {
    hasBegun = true
  }, never)
  await Promise.resolve()
  controller.abort('stop')
  await expect(first).rejects.toBe('stop')
  expect(hasBegun).toBe(false)
  open()
  await second
  expect(hasBegun).toBe(true)
})

it('never begins a task that was aborted while it waited', async () => {
  const takeTurn = createMutex()
  const { open, opened } = openDoor()
  const controller = new AbortController()
  const first = takeTurn(() => opened, never)
  let hasBegun = false
  const second = takeTurn(async () => {
    hasBegun = true
  }, controller.signal)
  controller.abort('stop')
  await expect(second).rejects.toBe('stop')
  open()
  await first
  await takeTurn(async () => {}, never)
  expect(hasBegun).toBe(false)
})
