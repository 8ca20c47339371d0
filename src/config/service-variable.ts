const ADDRESS = /^(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f:.]*:[0-9a-f:.]*)$/i
const PORT = /^\d{1,5}$/
const PLACE = /^(?:tcp|udp|sctp):\/\/\S+:\d{1,5}$/

/** What follows the name of the service, and what such a variable holds. */
const FORMS: readonly (readonly [suffix: RegExp, value: RegExp])[] = [
  [/_SERVICE_HOST$/, ADDRESS],
  [/_SERVICE_PORT(?:_\w+)?$/, PORT],
  [/_PORT(?:_\d{1,5}_(?:TCP|UDP|SCTP))?$/, PLACE],
  [/_PORT_\d{1,5}_(?:TCP|UDP|SCTP)_PROTO$/, /^(?:tcp|udp|sctp)$/],
  [/_PORT_\d{1,5}_(?:TCP|UDP|SCTP)_PORT$/, PORT],
  [/_PORT_\d{1,5}_(?:TCP|UDP|SCTP)_ADDR$/, ADDRESS],
]

/**
 * Whether Kubernetes sets it for a service: it tells every pod of all services of its namespace, and the name of one may
 * begin as those of our variables do (with Helm, RELEASE-CHART). Its value is looked at too: somebody who writes
 * IOTAWATT_SYNC_WEB_PORT=8480 means a setting.
 */
export function isServiceVariable(name: string, value: string): boolean {
  return FORMS.some(([suffix, form]) => suffix.test(name) && form.test(value))
}
