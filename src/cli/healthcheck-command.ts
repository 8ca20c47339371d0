import { request } from 'undici'
import type { Config } from '../config/config.ts'
import { ExitCode } from './exit-codes.ts'

const TIMEOUT_MS = 5_000

/** Whether the daemon of this configuration is alive; for containers. */
export async function healthcheckCommand({ web }: Config): Promise<number> {
  const host = web.host === '0.0.0.0' || web.host === '::' ? '127.0.0.1' : web.host
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${web.port}/healthz`
  try {
    const { statusCode, body } = await request(url, { headersTimeout: TIMEOUT_MS, bodyTimeout: TIMEOUT_MS })
    await body.dump()
    if (statusCode === 200) return ExitCode.done
    process.stderr.write(`${url} answered ${statusCode}\n`)
  } catch (error) {
    process.stderr.write(
      `${url} does not answer: ${error instanceof Error ? error.message : String(error)}\n  is the daemon running? start it with: iotawatt-sync run\n`,
    )
  }
  return ExitCode.failed
}
