import { createHash } from 'node:crypto'
import { Client } from 'undici'
import type { AlertMessage } from '../api/alerts.ts'
import type { ReceiverType } from '../model/alerts.ts'
import { explain } from '../runtime/errors.ts'

export interface Receiver {
  readonly type: ReceiverType
  /** Of ntfy with the topic. */
  readonly url: string
  readonly token?: string
  /** The certificates to trust (PEM), in place of those of the system. */
  readonly ca?: string
}

/** Why a message was not delivered; whether it arrived all the same is not known where no answer came. */
export class DeliveryError extends Error {
  /** How long the receiver asks to be left alone. */
  readonly pauseMs: number

  constructor(
    message: string,
    { pauseMs = 0, ...options }: { readonly pauseMs?: number; readonly cause?: unknown } = {},
  ) {
    super(message, options)
    this.name = 'DeliveryError'
    this.pauseMs = pauseMs
  }
}

/** For messages: the path is left out, as whoever knows it can send, or read along. */
export function titleOf({ type, url }: Receiver): string {
  return `${type} at ${new URL(url).origin}`
}

/** Tells receivers apart, and nothing else about them. */
export function idOf({ type, url }: Receiver): string {
  return createHash('sha256').update(`${type} ${url}`).digest('hex').slice(0, 12)
}

const TIMEOUT_MS = 10_000
/** Its status is the answer. */
const MAX_BODY_BYTES = 64 * 1024

/** Once, following no redirect. @throws DeliveryError, or the reason of an aborted signal */
export async function sendMessage(
  receiver: Receiver,
  message: AlertMessage,
  { signal, timeoutMs = TIMEOUT_MS }: { readonly signal: AbortSignal; readonly timeoutMs?: number },
): Promise<void> {
  const title = titleOf(receiver)
  const { origin, pathname } = new URL(receiver.url)
  const { token, ca } = receiver
  const connect = { rejectUnauthorized: true, timeout: timeoutMs, ...(ca !== undefined && { ca }) }
  const client = new Client(origin, { connect })
  const deadline = AbortSignal.timeout(timeoutMs)
  try {
    const { body, headers: own } = contentFor(receiver, message)
    const headers = {
      'user-agent': 'iotawatt-sync',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...own,
    }
    const ended = AbortSignal.any([signal, deadline])
    const answer = await client.request({ path: pathname, method: 'POST', headers, body, signal: ended })
    await answer.body.dump({ limit: MAX_BODY_BYTES, signal: ended }).catch(() => undefined)
    signal.throwIfAborted()
    if (answer.statusCode < 200 || answer.statusCode > 299)
      throw new DeliveryError(`${title}: answered ${answer.statusCode}${hintFor(answer.statusCode)}`, {
        pauseMs: retryAfterMs(answer.headers['retry-after']),
      })
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof DeliveryError) throw error
    const why = deadline.aborted ? `no answer within ${timeoutMs / 1000} s` : explain(error)
    throw new DeliveryError(`${title}: ${why}`, { cause: error })
  } finally {
    await client.destroy()
  }
}

/** What the message is sent as; a receiver tells by its id whether it has it already. */
function contentFor({ type }: Receiver, message: AlertMessage) {
  const id = `${message.id}-${message.state}`
  if (type === 'webhook')
    return {
      headers: { 'content-type': 'application/json', 'idempotency-key': id },
      body: JSON.stringify(message),
    }
  const isOver = message.state === 'ended'
  return {
    headers: {
      'content-type': 'text/plain; charset=utf-8',
      title: isOver ? 'Over' : 'Alert',
      tags: isOver ? 'white_check_mark' : 'warning',
      priority: isOver || message.kind === 'test' ? 'default' : 'high',
      // With the same one, ntfy replaces what it has shown.
      'x-sequence-id': id,
    },
    body: message.text,
  }
}

function hintFor(status: number): string {
  if (status === 401 || status === 403) return ': check its token'
  if (status === 404) return ': check its url'
  return status < 400 ? ': redirects are not followed; write the address that it leads to' : ''
}

/** A date is not read. */
function retryAfterMs(header: string | readonly string[] | undefined): number {
  return typeof header === 'string' && /^\d{1,9}$/.test(header) ? Number(header) * 1000 : 0
}
