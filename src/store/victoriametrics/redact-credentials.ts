import { hideTexts } from '../../runtime/redact.ts'
import { authorizationHeader, type VictoriaMetricsOptions } from './victoriametrics-options.ts'

/** Takes out of a text what must not be shown: a proxy may repeat in its answer how we logged in. */
export function redactor({ auth, headers = {} }: Pick<VictoriaMetricsOptions, 'auth' | 'headers'>) {
  return hideTexts([...(auth ? secretsOf(auth) : []), ...Object.values(headers)])
}

function secretsOf(auth: NonNullable<VictoriaMetricsOptions['auth']>): string[] {
  const sent = authorizationHeader(auth).replace(/^\S+ /, '')
  return auth.kind === 'bearer' ? [sent] : [sent, auth.password]
}
