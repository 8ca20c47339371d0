import { decodeDeviceText, encodeDeviceText } from '../card/device-text.ts'
import { FirmwareCrash } from './firmware-crash.ts'

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

/** Splits the address as the device's web server does: `&` and `;` separate, an empty name hangs the parser. */
export function parseArguments(url: string): RequestArguments {
  const questionMark = url.indexOf('?')
  if (questionMark === -1) return { path: url, values: new Map() }
  const values = new Map<string, string>()
  for (const part of url.slice(questionMark + 1).split(/[&;]/)) {
    const equals = part.indexOf('=')
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
    .replaceAll('+', ' ')
    .replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return decodeDeviceText(Buffer.from(bytes, 'latin1'))
}
