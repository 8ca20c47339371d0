import { authorizationHeader, type VictoriaMetricsOptions } from './victoriametrics-options.ts'

const HIDDEN = '***'
/** What is shorter is part of many words, and no secret. */
const MIN_LENGTH = 3

/** Takes out of a text what must not be shown: a proxy may repeat in its answer how we logged in. */
export function redactor({ auth, headers = {} }: Pick<VictoriaMetricsOptions, 'auth' | 'headers'>) {
  const secrets = [...(auth ? secretsOf(auth) : []), ...Object.values(headers)].filter(
    ({ length }) => length >= MIN_LENGTH,
  )
  if (secrets.length === 0) return (text: string) => text
  // The longest first: one may be part of another.
  const pattern = new RegExp(
    secrets
      .sort((a, b) => b.length - a.length)
      .map(toPattern)
      .join('|'),
    'gu',
  )
  return (text: string) => text.replace(pattern, HIDDEN)
}

function secretsOf(auth: NonNullable<VictoriaMetricsOptions['auth']>): string[] {
  const sent = authorizationHeader(auth).replace(/^\S+ /, '')
  return auth.kind === 'bearer' ? [sent] : [sent, auth.password]
}

/** Letters beyond ASCII come back in whatever encoding. */
function toPattern(secret: string): string {
  return secret.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&').replace(/[^\x20-\x7e]/gu, '[^\\x20-\\x7e]{1,4}')
}
