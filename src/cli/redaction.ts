import type { Config } from '../config/config.ts'
import { redact } from '../runtime/redact.ts'

/** The secrets of the configurations that were read, to be kept out of the log and of errors that nobody foresaw. */
export interface Redaction {
  learn(config: Config): void
  redact(text: string): string
}

export function createRedaction(): Redaction {
  const known = new Set<string>()
  let hide = redact([])
  return {
    learn(config) {
      for (const text of secretsOf(config)) known.add(text)
      hide = redact([...known])
    },
    redact: (text) => hide(text),
  }
}

function secretsOf({ store, web, devices }: Config): string[] {
  const { auth } = store
  const headers = Object.values(store.headers ?? {})
  const secrets = [
    auth?.kind === 'basic' ? auth.password : auth?.token,
    ...headers,
    web.token,
    ...devices.map((device) => device.auth?.password),
  ].flatMap((secret) => (secret ? [secret.reveal()] : []))
  const sent = auth?.kind === 'basic' ? [`${auth.username}:${auth.password.reveal()}`] : []
  return [...secrets, ...sent.map((text) => Buffer.from(text).toString('base64'))]
}
