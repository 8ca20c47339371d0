import { createHash, randomBytes } from 'node:crypto'
import { at } from '../model/at.ts'

export interface Credentials {
  readonly username: string
  readonly password: string
}

/** HTTP digest as the device does it: MD5, qop=auth, one nonce for many requests with a growing count. */
export function digestAuth({ username, password }: Credentials) {
  let session: { readonly realm: string; readonly nonce: string; count: number } | undefined
  return {
    /** Takes a WWW-Authenticate header; false when it asks for something else than Digest with MD5. */
    challenge(header: string): boolean {
      const challenge = readChallenge(header)
      if (challenge) session = { ...challenge, count: 0 }
      return challenge !== undefined
    },
    /** The Authorization header for a GET of the path; undefined before the first challenge. */
    header(path: string): string | undefined {
      if (session === undefined) return undefined
      session.count += 1
      const { realm, nonce } = session
      // The device takes the uri from this header without comparing it, keeps a copy of it on its small heap, and old
      // firmware lower-cases the complete header before it hashes: so neither the query nor a capital letter is in it.
      const uri = at(path.split('?'), 0).toLowerCase()
      const nc = session.count.toString(16).padStart(8, '0')
      const cnonce = randomBytes(8).toString('hex')
      const response = digestResponse({ username, password, realm, nonce, uri, nc, cnonce })
      return (
        `Digest username="${username}", realm="${realm}", nonce="${nonce}", uri="${uri}", ` +
        `cnonce="${cnonce}", nc=${nc}, qop=auth, response="${response}"`
      )
    },
  }
}

/** Undefined when a WWW-Authenticate header asks for something else than Digest with MD5. */
export function readChallenge(header: string): { realm: string; nonce: string } | undefined {
  const parameters = readParameters(header)
  const realm = parameters.get('realm')
  const nonce = parameters.get('nonce')
  const algorithm = parameters.get('algorithm') ?? 'MD5'
  if (!/^digest /i.test(header) || realm === undefined || nonce === undefined) return undefined
  return algorithm.toUpperCase() === 'MD5' ? { realm, nonce } : undefined
}

interface DigestParts extends Credentials {
  readonly realm: string
  readonly nonce: string
  readonly uri: string
  readonly nc: string
  readonly cnonce: string
}

/** RFC 2617 with qop=auth, for a GET. */
export function digestResponse({ username, password, realm, nonce, uri, nc, cnonce }: DigestParts): string {
  const user = md5(`${username}:${realm}:${password}`)
  const question = md5(`GET:${uri}`)
  return md5([user, nonce, nc, cnonce, 'auth', question].join(':'))
}

/** By their names in lower case; what looks like one within quotation marks is none. */
function readParameters(header: string): ReadonlyMap<string, string> {
  const found = header.matchAll(/(?<![\w-])([\w-]+)=(?:"([^"]*)"|([^\s,"]+))/g)
  return new Map([...found].map(([, name = '', quoted, plain = '']) => [name.toLowerCase(), quoted ?? plain]))
}

function md5(text: string): string {
  return createHash('md5').update(text).digest('hex')
}
