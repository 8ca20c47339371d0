import { mkdtemp, rm } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { bodiesLike } from '../../test/damage.ts'
import type { CommandOutput } from '../model/daemon.ts'
import { askDaemon, serveHandler } from '../../test/test-socket.ts'

const { signal } = new AbortController()
const numRuns = process.env['LONG'] ? 2000 : 100
const request = { command: 'load', options: { device: ['a'] }, isWatched: true, version: '1' }
const lines = (tree: unknown) => bodiesLike(tree).filter((body) => body.length < 10_000)

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'command-lines-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

it('whatever a client says, the daemon carries it out or says that it failed, and is there for the next', async () => {
  const server = await serveHandler(folder, async (_, output) => ((await output.ask('Sure?')) === 'yes' ? 0 : 3))
  const say = (said: string) => {
    const socket = connect(join(folder, 'daemon.sock'))
    socket.end(said)
    return text(socket)
  }
  try {
    await fc.assert(
      fc.asyncProperty(lines(request), lines({ answer: 'yes' }), async (first, second) => {
        const events = (await say(`${first}\n${second}\n`))
          .split('\n')
          .filter(Boolean)
          .map((line) => JSON.parse(line))
        expect([0, 1, 3]).toContain(events.at(-1).exitCode)
        if (events.at(-1).exitCode === 1)
          expect(events.at(-2)).toMatchObject({ level: 'error', message: expect.any(String) })
      }),
      { numRuns },
    )
    expect(await say(`${JSON.stringify(request)}\n{"answer":"yes"}\n`)).toContain('{"exitCode":0}')
  } finally {
    await server.close()
  }
})

it('whatever a daemon says, a command ends with a code, or with an error', async () => {
  let said = ''
  const path = join(folder, 'daemon.sock')
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy())
    socket.once('data', () => socket.end(said))
  })
  await new Promise<void>((resolve) => server.listen(path, resolve))
  const output: CommandOutput = {
    print: (line) => expect(typeof line).toBe('string'),
    write: () => Promise.resolve(),
    log: (level, message) => expect([typeof level, typeof message]).toEqual(['string', 'string']),
    isWatched: false,
    progress: ({ done, total }) => expect([typeof done, typeof total]).toEqual(['number', 'number']),
    ask: () => Promise.resolve('no'),
  }
  const events = fc.oneof(
    lines({ print: 'x' }),
    lines({ progress: { name: 'a', done: 1, total: 2, text: '' } }),
    lines({ question: 'Sure?', byDefault: 'no' }),
    lines({ level: 'warn', message: 'm' }),
    lines({ exitCode: 0 }),
  )
  try {
    await fc.assert(
      fc.asyncProperty(fc.array(events, { maxLength: 3 }), async (list) => {
        said = list.map((line) => `${line}\n`).join('')
        const code = await askDaemon(folder, request, { output, signal }).catch((error: unknown) => {
          expect(error).toBeInstanceOf(Error)
          expect((error as Error).message).toMatch(/daemon/)
        })
        if (code !== undefined) expect(typeof code).toBe('number')
      }),
      { numRuns },
    )
  } finally {
    await new Promise((resolve) => server.close(resolve))
  }
})
