import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { CommandOutput } from '../model/daemon.ts'
import { askDaemon, serveHandler } from '../../test/test-socket.ts'

const PIECE = 'x'.repeat(16_384)
const PIECE_COUNT = 6_000

let folder: string
let sent: number
let server: { close(): Promise<void> }
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'socket-'))
  sent = 0
  server = await serveHandler(folder, async (_, output) => {
    for (; sent < PIECE_COUNT; sent++) await output.write(PIECE)
    return 0
  })
})
afterEach(async () => {
  await server.close()
  await rm(folder, { recursive: true })
})

function ask(write: CommandOutput['write']): Promise<number | undefined> {
  const output: CommandOutput = {
    print() {},
    log() {},
    write,
    isWatched: false,
    progress() {},
    ask: () => Promise.resolve('nobody'),
  }
  const { signal } = new AbortController()
  return askDaemon(folder, { command: 'export', options: {} }, { output, signal })
}

test('a reader that is slow is waited for, and gets all of it', async () => {
  let taken = 0
  let ahead = 0
  const code = await ask(async (text) => {
    if (taken === 0) await sleep(500)
    if (taken === 0) ahead = sent
    taken += text.length
  })
  expect(code).toBe(0)
  expect(ahead).toBeLessThan(PIECE_COUNT / 3)
  expect(taken).toBe(PIECE_COUNT * PIECE.length)
})

test('a reader that goes away ends the answer', async () => {
  await expect(ask(() => Promise.reject(new Error('gone')))).rejects.toThrow('gone')
  await sleep(100)
  expect(sent).toBeLessThan(PIECE_COUNT / 3)
})
