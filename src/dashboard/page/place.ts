/** Where the page was loaded from, which a proxy may have put below a path of its own. */
export interface Place {
  /** With a slash at both ends: `/`, `/energy/`. */
  readonly root: string
  /** Whether people log in, and so can log out. */
  readonly hasLogin: boolean
  /** `/api/v1/now` → `/energy/api/v1/now` */
  at(path: string): string
}

/** Every view lies in the root itself, so it is the folder of the address; the server says it where a proxy names it. */
export function readPlace({ documentElement, baseURI }: Pick<Document, 'documentElement' | 'baseURI'>): Place {
  const { root = new URL('.', baseURI).pathname, login } = documentElement.dataset
  return { root, hasLogin: login !== undefined, at: (path) => root + path.slice(1) }
}
