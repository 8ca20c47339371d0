import type { LooseFile } from './loose-file.ts'
import { isLoopback, readListenAddress } from './read-listen-address.ts'
import type { KeyProblem } from './schema-problems.ts'

/** What does not go together in `web`. */
export function webProblems({ listen, token, tokenFile }: NonNullable<LooseFile['web']>): KeyProblem[] {
  if (token !== undefined && tokenFile !== undefined)
    return [{ path: ['web', 'tokenFile'], message: 'found beside token; expected one of the two', atKey: true }]
  const address = readListenAddress(listen ?? '')
  if (!('value' in address) || isLoopback(address.value.host) || (token ?? tokenFile) !== undefined) return []
  return [
    {
      path: ['web', 'listen'],
      message: `found ${listen}, where others than this machine can ask, and no token; expected tokenFile beside it, or a loopback address such as 127.0.0.1:8480`,
    },
  ]
}
