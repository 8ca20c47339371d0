import { createServer, request, type IncomingMessage, type OutgoingHttpHeaders, type ServerResponse } from 'node:http'
import { once } from 'node:events'
import { buffer } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import type { AddressInfo } from 'node:net'

/** What happens to a write on its way to the store. */
export type WriteFault =
  | 'is answered with 500'
  | 'is not answered'
  | 'is reset before it arrives'
  | 'is reset after it arrived'
  | 'arrives after the client has gone'
  | 'is cut half-way'

export interface FaultProxy {
  readonly url: string
  /** The faults that happened, in their order. */
  readonly happened: readonly WriteFault[]
  /** Resolves when what was held back so far has arrived. */
  executed(): Promise<void>
  close(): Promise<void>
}

/** How long after its client has gone a write that was held back is let through. */
const HELD_MS = 5_000

/** Stands before a store. `before` is told the number of each write, from 1, and says what goes wrong with it. */
export async function startFaultProxy(
  target: string,
  before: (write: number) => WriteFault | undefined | Promise<WriteFault | undefined>,
): Promise<FaultProxy> {
  const happened: WriteFault[] = []
  const heldBack: Promise<unknown>[] = []
  let writes = 0

  async function handle(incoming: IncomingMessage, answer: ServerResponse): Promise<void> {
    const body = await buffer(incoming)
    // One without samples only asks whether writing is allowed.
    const isWrite = (incoming.url?.startsWith('/api/v1/import') ?? false) && body.length > 0
    const fault = isWrite ? await before(++writes) : undefined
    if (fault) happened.push(fault)
    const forward = () => forwardTo(target, incoming, body)
    switch (fault) {
      case 'is answered with 500':
        answer.writeHead(500).end('cannot flush: out of luck')
        return
      case 'is not answered':
        return
      case 'is reset before it arrives':
        reset(answer)
        return
      case 'is reset after it arrived':
        await forward()
        reset(answer)
        return
      case 'arrives after the client has gone':
        await once(answer, 'close')
        heldBack.push(sleep(HELD_MS).then(forward))
        return
      case 'is cut half-way':
        await sendHalf(target, incoming, body)
        reset(answer)
        return
      case undefined: {
        const { status, headers, body: answered } = await forward()
        answer.writeHead(status, headers).end(answered)
      }
    }
  }

  const server = createServer((incoming, answer) => {
    handle(incoming, answer).catch(() => reset(answer))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    happened,
    executed: async () => void (await Promise.all(heldBack)),
    async close() {
      server.closeAllConnections()
      server.close()
      await Promise.all(heldBack)
    },
  }
}

function reset(answer: ServerResponse): void {
  answer.socket?.resetAndDestroy()
}

interface Forwarded {
  readonly status: number
  readonly headers: OutgoingHttpHeaders
  readonly body: Buffer
}

async function forwardTo(target: string, { url = '/', method, headers }: IncomingMessage, body: Buffer) {
  const outgoing = request(new URL(url, target), { method, headers, agent: false })
  outgoing.end(body)
  const [answer]: IncomingMessage[] = await once(outgoing, 'response')
  const { 'transfer-encoding': _, connection: __, ...kept } = answer!.headers
  return { status: answer!.statusCode ?? 0, headers: kept, body: await buffer(answer!) } satisfies Forwarded
}

async function sendHalf(target: string, { url = '/', method, headers }: IncomingMessage, body: Buffer): Promise<void> {
  const outgoing = request(new URL(url, target), { method, headers, agent: false }).on('error', () => {})
  await new Promise<void>((resolve) => outgoing.write(body.subarray(0, body.length / 2), () => resolve()))
  await sleep(100)
  outgoing.destroy()
}
