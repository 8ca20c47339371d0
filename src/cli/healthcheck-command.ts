import { Client } from 'undici'
import type { Config } from '../config/config.ts'
import { explain } from '../runtime/errors.ts'
import { ExitCode } from './exit-codes.ts'

const ANSWER_MS = 10_000
/** Its status is the answer. */
const MAX_BODY_BYTES = 64 * 1024

/** Whether the daemon of this configuration is alive; for containers. */
export async function healthcheckCommand(
  { web }: { readonly web: Pick<Config['web'], 'host' | 'port'> },
  { answerMs = ANSWER_MS }: { readonly answerMs?: number } = {},
): Promise<number> {
  const host = web.host === '0.0.0.0' || web.host === '::' ? '127.0.0.1' : web.host
  const origin = `http://${host.includes(':') ? `[${host}]` : host}:${web.port}`
  const url = `${origin}/healthz`
  const client = new Client(origin)
  const signal = AbortSignal.timeout(answerMs)
  try {
    const { statusCode, body } = await client.request({ path: '/healthz', method: 'GET', signal })
    await body.dump({ limit: MAX_BODY_BYTES, signal })
    if (statusCode === 200) return ExitCode.done
    process.stderr.write(`${url} answered ${statusCode}\n`)
  } catch (error) {
    const late = signal.aborted && `it has not answered completely within ${answerMs / 1000} s`
    process.stderr.write(
      `${url} does not answer: ${late || explain(error)}\n  is the daemon running? start it with: iotawatt-sync run\n`,
    )
  } finally {
    await client.destroy()
  }
  return ExitCode.failed
}
