import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { CommandOutput } from '../model/daemon.ts'
import type { CommandHandler } from './command-socket.ts'
import { askDaemon, serveHandler } from '../../test/test-socket.ts'

const { signal } = new AbortController()
const request = { command: 'load', options: {} }

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'command-socket-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

/** What a client writes for a command that does this, and the code with which it ends. */
async function executed(handle: CommandHandler, { ask = answering(), isWatched = true } = {}) {
  const server = await serveHandler(folder, handle)
  const said: string[] = []
  const output: CommandOutput = {
    print: (line) => void said.push(`print ${line}`),
    log: (level, message) => void said.push(`${level} ${message}`),
    write: () => Promise.resolve(),
    progress: ({ name, done, total, text }) => void said.push(`${name} ${done}/${total} ${text}`),
    isWatched,
    ask,
  }
  try {
    const exitCode = await askDaemon(folder, request, { output, signal })
    return { exitCode, said }
  } finally {
    await server.close()
  }
}

/** A person with these answers. */
function answering(...answers: readonly string[]): CommandOutput['ask'] {
  const left = [...answers]
  return (question, byDefault) => Promise.resolve(left.shift() === `${question} ${byDefault}: yes` ? 'yes' : 'no')
}

it('carries all output, in its order, and the code', async () => {
  const ended = await executed((_, output) => {
    output.log('info', 'begun')
    output.progress({ name: 'iwatt5', done: 1, total: 2, text: 'soon' })
    output.print('done')
    return Promise.resolve(3)
  })
  expect(ended).toEqual({ exitCode: 3, said: ['info begun', 'iwatt5 1/2 soon', 'print done'] })
})

it.each([true, false])('tells the command whether somebody watches: %s', async (isWatched) => {
  const { said } = await executed(
    (_, output) => {
      output.print(`${output.isWatched}`)
      return Promise.resolve(0)
    },
    { isWatched },
  )
  expect(said).toEqual([`print ${isWatched}`])
})

it('asks the person, one question after the other, whoever asks', async () => {
  const handle: CommandHandler = async (_, output) => {
    output.print((await Promise.all([output.ask('this?', 'yes'), output.ask('that?'), output.ask('and?')])).join())
    return 0
  }
  const ask = answering('this? yes: yes', 'no', 'and? no: yes')
  expect((await executed(handle, { ask })).said).toEqual(['print yes,no,yes'])
})

const quiet: CommandOutput = {
  print() {},
  write: () => Promise.resolve(),
  log() {},
  progress() {},
  isWatched: true,
  ask: answering(),
}

it('ends the command of a client that is stopped at its question', async () => {
  const stop = new AbortController()
  let gone: AbortSignal | undefined
  const server = await serveHandler(folder, async (_, output, signalOfClient) => {
    gone = signalOfClient
    return (await output.ask('go on?')) === 'yes' ? 0 : 1
  })
  const ask = () => {
    stop.abort(new Error('stopped'))
    return new Promise<never>(() => {})
  }
  const output = { ...quiet, ask }
  await expect(askDaemon(folder, request, { output, signal: stop.signal })).rejects.toThrow('stopped')
  await expect.poll(() => gone?.aborted).toBe(true)
  await server.close()
})

it.each([
  ['at once', [], 'the daemon has not answered for 0.2 s'],
  ['after its first line', ['{"process":17}'], 'the daemon (process 17) has not answered for 0.2 s'],
  ['at a question', ['{"question":"go on?","byDefault":"no"}'], 'restart the daemon'],
])('a daemon that falls silent %s is given up', async (_, lines, words) => {
  const clients: Socket[] = []
  const server = createServer((socket) => {
    clients.push(socket)
    socket.write(lines.map((line) => `${line}\n`).join(''))
  })
  await new Promise<void>((resolve) => server.listen(join(folder, 'daemon.sock'), resolve))
  const output = { ...quiet, ask: () => new Promise<never>(() => {}) }
  await expect(askDaemon(folder, request, { output, signal, silenceMs: 200 })).rejects.toThrow(words)
  for (const client of clients) client.destroy()
  server.close()
})

it.each<[string, CommandHandler]>([
  ['a long command', () => sleep(600).then(() => 3)],
  ['a person who thinks', async (_, output) => ((await output.ask('go on?')) === 'yes' ? 3 : 1)],
])('a daemon that has nothing to say for %s says that it is there', async (_, handle) => {
  const server = await serveHandler(folder, handle, { signOfLifeMs: 50 })
  const output: CommandOutput = { ...quiet, ask: () => sleep(600).then(() => 'yes') }
  expect(await askDaemon(folder, request, { output, signal, silenceMs: 300 })).toBe(3)
  await server.close()
})

it('has nothing to say where no daemon runs', async () => {
  expect(await askDaemon(folder, request, { output: quiet, signal })).toBeUndefined()
})
