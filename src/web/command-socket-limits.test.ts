import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { CommandOutput } from '../model/daemon.ts'
import type { SocketLimits } from './command-socket.ts'
import { serveHandler } from '../../test/test-socket.ts'

const KB_64 = 64 * 1024
const opened: { close(): unknown }[] = []
let folder: string
let outputs: CommandOutput[]
let signals: AbortSignal[]
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'socket-limits-'))
  outputs = []
  signals = []
})
afterEach(async () => {
  for (const each of opened.splice(0).toReversed()) await each.close()
  await rm(folder, { recursive: true })
})

/** Every command goes on until its client does. */
async function serve(limits: SocketLimits = {}): Promise<void> {
  const server = await serveHandler(
    folder,
    async (_, output, signal) => {
      outputs.push(output)
      signals.push(signal)
      await once(signal, 'abort')
      return 0
    },
    limits,
  )
  opened.push(server)
}

async function client(): Promise<Socket> {
  const socket = connect(join(folder, 'daemon.sock'))
  socket.on('error', () => {})
  opened.push({ close: () => socket.destroy() })
  await once(socket, 'connect')
  return socket
}

const whenClosed = (socket: Socket) => (socket.closed ? undefined : once(socket, 'close'))

const request = (length: number) => {
  const empty = JSON.stringify({ command: 'x', version: '1', options: { a: '' } })
  return `${empty.replace('""', `"${'x'.repeat(length - empty.length)}"`)}\n`
}
const begun = (count: number) => expect.poll(() => outputs.length).toBe(count)

it('lets its owner alone connect', async () => {
  await serve()
  expect((await stat(join(folder, 'daemon.sock'))).mode & 0o777).toBe(0o600)
})

it.each([
  [KB_64, true],
  [KB_64 + 1, false],
])('a request of %i characters is taken: %s', async (length, isTaken) => {
  await serve()
  const socket = await client()
  socket.write(request(length))
  if (isTaken) await begun(1)
  else await once(socket, 'close')
  expect(outputs).toHaveLength(isTaken ? 1 : 0)
})

it('a line that does not end is not kept', async () => {
  await serve()
  const socket = await client()
  const closed = new Promise((resolve) => socket.once('close', resolve))
  let sent = 0
  while (!socket.destroyed && sent < 1_000) {
    if (!socket.write('x'.repeat(KB_64)))
      await Promise.race([new Promise((resolve) => socket.once('drain', resolve)), closed])
    sent++
  }
  await closed
  expect(sent).toBeLessThan(1_000)
})

it('answers that nobody asked for end the connection', async () => {
  await serve()
  const socket = await client()
  socket.write(request(100))
  await begun(1)
  socket.write('{}\n'.repeat(16))
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(signals[0]?.aborted).toBe(false)
  socket.write('{}\n')
  await expect.poll(() => signals[0]?.aborted).toBe(true)
})

it('a client that sends nothing is cut, and not one that has sent its request', async () => {
  await serve({ requestMs: 100 })
  const [silent, busy] = [await client(), await client()]
  busy.write(request(100))
  await whenClosed(silent)
  await once(await client(), 'close')
  expect(busy.destroyed).toBe(false)
})

it('as many clients as may, and not one more', async () => {
  await serve({ maxClients: 3, requestMs: 600_000 })
  for (const socket of [await client(), await client(), await client()]) socket.write(request(100))
  await begun(3)
  await once(await client(), 'close')
  expect(outputs).toHaveLength(3)
})

it('a client that goes ends its command, whether it is told anything or not', async () => {
  await serve()
  const socket = await client()
  socket.write(request(100))
  await begun(1)
  socket.end()
  await expect.poll(() => signals[0]?.aborted).toBe(true)
})

it('a client that does not read gets no progress, and then is cut', async () => {
  await serve({ maxBacklog: 4 * KB_64 * 16 })
  const socket = await client()
  socket.pause()
  socket.write(request(100))
  await begun(1)
  const line = 'x'.repeat(KB_64)
  for (let count = 0; count < 100; count++) outputs[0]?.progress({ name: line, done: 0, total: 1, text: '' })
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(signals[0]?.aborted).toBe(false)
  for (let count = 0; count < 70; count++) outputs[0]?.print(line)
  await expect.poll(() => signals[0]?.aborted).toBe(true)
})

it('leaves nothing in the folder', async () => {
  await serve()
  await opened.pop()?.close()
  expect(await readdir(folder)).toEqual([])
})
