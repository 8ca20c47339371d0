import type { LooseStore } from './loose-file.ts'
import type { KeyProblem } from './schema-problems.ts'

const ADDRESSES = ['url', 'writeUrl', 'readUrl'] as const

/** What does not go together in `store`. */
export function storeProblems(store: LooseStore): KeyProblem[] {
  if (store.type === 'embedded') return embeddedProblems(store)
  return [...addressProblems(store), ...credentialProblems(store)]
}

function embeddedProblems(store: LooseStore): KeyProblem[] {
  return Object.entries(store)
    .filter(([key, value]) => key !== 'type' && value !== undefined)
    .map(([key]) => at(key, 'found beside type: embedded; expected no other key, or type: victoriametrics', true))
}

function addressProblems({ url, writeUrl, readUrl, type, ...store }: LooseStore): KeyProblem[] {
  if (url !== undefined && (writeUrl ?? readUrl) !== undefined)
    return [
      at('url', 'found beside writeUrl or readUrl; expected url for a single node, or both others for a cluster', true),
    ]
  if (writeUrl !== undefined && readUrl === undefined)
    return [at('readUrl', 'found nothing; expected the address of vmselect beside writeUrl')]
  if (readUrl !== undefined && writeUrl === undefined)
    return [at('writeUrl', 'found nothing; expected the address of vminsert beside readUrl')]
  if (readUrl !== undefined && writeUrl !== undefined) return tenantProblems(writeUrl, readUrl)
  const needsAddress = type === 'victoriametrics' || Object.values(store).some((value) => value !== undefined)
  if (needsAddress && ADDRESSES.every((key) => ({ url, writeUrl, readUrl })[key] === undefined))
    return [at('url', 'found nothing; expected the address of VictoriaMetrics such as http://victoriametrics:8428')]
  return []
}

/** What is written for one tenant is not there when another is read. */
function tenantProblems(writeUrl: string, readUrl: string): KeyProblem[] {
  const [written, read] = [tenantOf(writeUrl, 'insert'), tenantOf(readUrl, 'select')]
  if (written === undefined || read === undefined || written === read) return []
  return [
    at(
      'readUrl',
      `found tenant ${read}; expected ${written}, which writeUrl has: else nothing that is written could be read`,
      true,
    ),
  ]
}

/** `4` is `4:0`. */
function tenantOf(url: string, path: 'insert' | 'select'): string | undefined {
  const [, tenant] = new RegExp(`/${path}/([^/?#]+)(?:/|$)`).exec(url) ?? []
  return tenant !== undefined && /^\d+$/.test(tenant) ? `${tenant}:0` : tenant
}

function credentialProblems(store: LooseStore): KeyProblem[] {
  const password = store.password ?? store.passwordFile
  const token = store.token ?? store.tokenFile
  const hasAuthorization = Object.keys(store.headers ?? {}).some((name) => name.toLowerCase() === 'authorization')
  const problems = [...bothGiven(store, ['password', 'passwordFile']), ...bothGiven(store, ['token', 'tokenFile'])]
  if (store.username !== undefined && password === undefined)
    problems.push(at('username', 'found a user without a password; expected password or passwordFile beside it', true))
  if (store.username === undefined && password !== undefined)
    problems.push(at('username', 'found nothing; expected the user whose password is given'))
  if (token !== undefined && (store.username ?? password) !== undefined)
    problems.push(at('username', 'found a user or password beside a token; expected one way to log in', true))
  if (hasAuthorization && (token ?? password) !== undefined)
    problems.push(at('headers', 'found Authorization beside a password or token; expected one way to log in', true))
  return problems
}

function bothGiven(store: LooseStore, [plain, file]: readonly ['password' | 'token', 'passwordFile' | 'tokenFile']) {
  if (store[plain] === undefined || store[file] === undefined) return []
  return [at(file, `found beside ${plain}; expected one of the two`, true)]
}

function at(key: string, message: string, isThere = false): KeyProblem {
  return { path: ['store', key], message, ...(isThere && { atKey: true }) }
}
