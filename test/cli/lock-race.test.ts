import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { link, mkdtemp, readdir, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { bundle } from '../../scripts/bundle.mjs'

const RIVALS = 5
const ROUNDS = process.env['LONG'] ? 500 : 20

let folder: string
let rivals: ChildProcess[] = []
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lock-race-'))
  const racer = await bundle('test/cli/lock-racer.ts', 'test-lock-racer')
  rivals = Array.from({ length: RIVALS }, () => fork(racer, [folder]))
  await Promise.all(rivals.map((rival) => once(rival, 'message')))
})
afterAll(async () => {
  for (const rival of rivals) rival.kill('SIGKILL')
  await rm(folder, { recursive: true, force: true })
})

/** What a process leaves that was killed: a socket on which nobody listens. */
async function leaveDeadLock(): Promise<void> {
  const server = createServer().listen(join(folder, 'dead'))
  await once(server, 'listening')
  await link(join(folder, 'dead'), join(folder, 'house.lock'))
  server.close()
  await once(server, 'close')
}

it('of several processes that find the lock of a dead one, never two hold it', { timeout: 300_000 }, async () => {
  for (let round = 0; round < ROUNDS; round++) {
    await leaveDeadLock()
    const answers = rivals.map((rival) => once(rival, 'message'))
    for (const rival of rivals) rival.send('go')
    const results: { held: number; together: number }[] = (await Promise.all(answers)).map(([result]) => result)
    expect(
      results.reduce((sum, { together }) => sum + together, 0),
      `round ${round}`,
    ).toBe(0)
    expect(
      results.reduce((sum, { held }) => sum + held, 0),
      `round ${round}`,
    ).toBeGreaterThan(0)
    expect(await readdir(folder), `round ${round}`).toEqual([])
  }
})
