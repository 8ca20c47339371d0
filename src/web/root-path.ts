import type { Context } from 'hono'

/** Headers in which a proxy that serves this under a path of its own names that path. */
export const PREFIX_HEADERS = ['X-Forwarded-Prefix', 'X-Ingress-Path'] as const

/**
 * The root of this server as a browser reaches it, with a slash at its end: as a trusted proxy names it (`/energy/`),
 * else relative to the path that was asked (`./`), which needs no word of the proxy.
 */
export function rootPath({ req, get }: Context): string {
  return get('proxyRoot') ?? ('../'.repeat(req.path.split('/').length - 2) || './')
}

/** `/energy/`; undefined where no proxy names a path. */
export function namedRoot({ req }: Context): string | undefined {
  return PREFIX_HEADERS.map((name) => plainPath(req.header(name))).find((path) => path !== undefined)
}

/** It stands in HTML and in `Location`, so nothing but a plain path is taken. */
function plainPath(text = ''): string | undefined {
  const path = text.replace(/\/$/, '')
  const isPlain = /^(?:\/[\w.~-]+)+$/.test(path) && !path.split('/').some((part) => part === '.' || part === '..')
  return isPlain ? `${path}/` : undefined
}

/**
 * Where somebody is sent after logging in: the address they asked for, relative to the root, if it is one of this
 * server; else the root. `power?range=7d` → `power?range=7d`, `//evil.example` → ``.
 */
export function returnPath(asked: string | undefined): string {
  const root = new URL('http://root.invalid/')
  const url = asked !== undefined && URL.canParse(asked, root.href) ? new URL(asked, root) : root
  const path = url.pathname.slice(1)
  // A browser would take what begins with a slash, or has a colon in its first part, for another address.
  const isBelow = url.origin === root.origin && !/^\/|^[^/]*:/.test(path) && !/^log(?:in|out)$/.test(path)
  return isBelow ? `${path}${url.search}` : ''
}
