import { afterEach, expect, test, vi } from 'vitest'
import { untilSignal } from './exit-codes.ts'

afterEach(() => vi.restoreAllMocks())

test('a first signal stops the command, and a second ends the process at once and reports it', () => {
  const exit = vi.spyOn(process, 'exit').mockImplementation((code) => {
    throw new Error(`exit ${code}`)
  })
  const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  const { signal, release } = untilSignal()
  const [onInterrupt] = process.listeners('SIGINT').slice(-1)
  onInterrupt?.('SIGINT')
  expect([signal.aborted, exit.mock.calls, write.mock.calls]).toEqual([true, [], []])
  expect(() => onInterrupt?.('SIGINT')).toThrow('exit 130')
  expect(write).toHaveBeenCalledWith('\nended at once by a second signal; what is stored stays\n')
  release()
})
