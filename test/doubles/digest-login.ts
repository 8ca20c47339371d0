import { createHash } from 'node:crypto'
import type { DevicePasswords } from '../../src/simulator/answer-status.ts'
import { type Reply, replyWithHeaders } from '../../src/simulator/device-answer.ts'
import { FirmwareCrash } from '../../src/simulator/firmware.ts'
import type { DeviceRequest } from '../../src/simulator/request-arguments.ts'

export interface LoginOptions {
  readonly passwords: DevicePasswords
  readonly realm: () => string
  readonly nowMs: () => number
}

type AccessLevel = 'user' | 'admin'

interface Session {
  usedAtMs: number
  /** The last four counts that were seen; a count must be new and above the least of them. */
  counts: readonly number[]
}

const SESSION_MS = 600_000
const COUNTS_KEPT = 4

/** The firmware's digest authentication; the reply is the challenge, undefined when access is granted. */
export function createDigestLogin({ passwords, realm, nowMs }: LoginOptions) {
  const sessions = new Map<string, Session>()
  let challenges = 0

  function challenge(): Reply {
    const nonce = md5(`${realm()}:${nowMs()}:${challenges++}`)
    sessions.set(nonce, { usedAtMs: nowMs(), counts: [0] })
    const scheme = `Digest realm="${realm()}",qop="auth",nonce="${nonce}"`
    return replyWithHeaders(
      401,
      [
        ['Content-Type', 'text/html'],
        ['WWW-Authenticate', scheme],
      ],
      'IoTaWatt-Login',
    )
  }

  function isAllowed(request: DeviceRequest, level: AccessLevel): boolean {
    const fields = parseAuthorization(request.headers?.authorization ?? '')
    const user = fields.get('username')
    if (fields.size === 0 || (user !== 'admin' && user !== 'user')) return false
    if (user === 'user' && level === 'admin') return false
    const password = passwords[user]
    if (password === undefined) throw new FirmwareCrash('a login as user where only admin has a password')
    const login = { user, realm: realm(), password }
    return fields.get('response') === digestResponse(login, request.method, fields) && useNonce(fields)
  }

  function useNonce(fields: ReadonlyMap<string, string>): boolean {
    const session = sessions.get(fields.get('nonce') ?? '')
    const count = Number.parseInt(fields.get('nc') ?? '', 16)
    if (session === undefined || nowMs() - session.usedAtMs > SESSION_MS) return false
    if (!(count > Math.min(...session.counts)) || session.counts.includes(count)) return false
    session.usedAtMs = nowMs()
    session.counts = [...session.counts, count].slice(-COUNTS_KEPT)
    return true
  }

  return {
    authorize(request: DeviceRequest, path: string): Reply | undefined {
      if (passwords.admin === undefined || passwords.localAccess === true) return undefined
      return isAllowed(request, levelOf(path)) ? undefined : challenge()
    },
    /** A restart forgets who was logged in. */
    forget: () => sessions.clear(),
  }
}

/** Admin's are the configuration, commands and whatever lies in a folder. */
function levelOf(path: string): AccessLevel {
  if (path.startsWith('/feed/') || path.startsWith('/user/') || path.startsWith('/graphs/')) return 'user'
  const own = path.startsWith('/config') || path.startsWith('/command') || path.startsWith('/edit')
  return own || path.indexOf('/', 1) !== -1 ? 'admin' : 'user'
}

/** What a client must answer to a challenge; `uri` is taken from its own header. */
export function digestResponse(
  login: { readonly user: string; readonly realm: string; readonly password: string },
  method: string,
  fields: ReadonlyMap<string, string>,
): string {
  const secret = md5(`${login.user}:${login.realm}:${login.password}`)
  const question = md5(`${method}:${fields.get('uri') ?? ''}`)
  const rest = ['nonce', 'nc', 'cnonce', 'qop'].map((name) => fields.get(name) ?? '')
  return md5([secret, ...rest, question].join(':'))
}

export function parseAuthorization(header: string): ReadonlyMap<string, string> {
  if (!/^Digest /i.test(header)) return new Map()
  return new Map(
    Array.from(header.matchAll(/(\w+)=(?:"([^"]*)"|([^\s,]+))/g), ([, name = '', quoted, bare]) => [
      name.toLowerCase(),
      quoted ?? bare ?? '',
    ]),
  )
}

function md5(text: string): string {
  return createHash('md5').update(text).digest('hex')
}
