import { decodeDeviceText, encodeDeviceText } from '../card/device-text.ts'
import { FirmwareCrash } from './firmware.ts'

/** A request as it reaches the device. */
export interface DeviceRequest {
  readonly method: string
  /** Path and query, as in the request line. */
  readonly url: string
  /** Names in lower case. */
  readonly headers?: Readonly<Record<string, string>>
  readonly version?: '1.0' | '1.1'
}

export interface RequestArguments {
  readonly path: string
  /** Of a name that is given twice, the first. */
  readonly values: ReadonlyMap<string, string>
}

/**
 * Splits the address as the device's web server does: it ends at a space, `&` and `;` separate, and a pair without a
 * name hangs the parser unless it is the last.
 */
export function parseArguments(target: string): RequestArguments {
  const [url = ''] = target.split(' ', 1)
  const questionMark = url.indexOf('?')
  if (questionMark === -1) return { path: url, values: new Map() }
  const values = new Map<string, string>()
  const parts = url.slice(questionMark + 1).split(/[&;]/)
  for (const [index, part] of parts.entries()) {
    const equals = part.indexOf('=')
    if (equals === 0 && index === parts.length - 1) break
    if (equals === 0) throw new FirmwareCrash('an argument without a name')
    const name = decode(equals === -1 ? part : part.slice(0, equals))
    if (part !== '' && !values.has(name)) values.set(name, equals === -1 ? '' : decode(part.slice(equals + 1)))
  }
  return { path: url.slice(0, questionMark), values }
}

function decode(text: string): string {
  if (!text.includes('%')) return text.replaceAll('+', ' ')
  const bytes = encodeDeviceText(text)
    .toString('latin1')
    .replace(/%([^]{2})|\+/g, (_, digits?: string) => (digits === undefined ? ' ' : String.fromCharCode(hexOf(digits))))
  return decodeDeviceText(Buffer.from(bytes, 'latin1'))
}

/** As far as they are digits. */
function hexOf(digits: string): number {
  return Number.parseInt(/^[\da-f]+/i.exec(digits)?.[0] ?? '0', 16)
}
