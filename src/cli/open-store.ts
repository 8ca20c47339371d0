import { join } from 'node:path'
import type { Config } from '../config/config.ts'
import type { Store } from '../model/store.ts'
import type { Clock, Random } from '../runtime/clock.ts'
import type { Log } from '../runtime/log.ts'
import { openVictoriaMetrics } from '../store/victoriametrics/open-victoriametrics.ts'

export interface Deps {
  readonly clock: Clock
  readonly log: Log
  readonly random: Random
  /** Somebody waits: who cannot be reached is given up soon. */
  readonly isBrief?: boolean
}

const BRIEF_CONNECT_MS = 2_500

export async function openStore(
  { store, stateDir }: Pick<Config, 'store' | 'stateDir'>,
  deps: Deps,
  { readOnly = false } = {},
): Promise<Store> {
  if (store.type === 'embedded') {
    const { openEmbedded } = await import('../store/embedded/open-embedded.ts')
    return openEmbedded({ folder: join(stateDir, 'store'), readOnly }, deps)
  }
  const { address, cacheResetUrls, auth, headers, ca } = store
  const revealed = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value.reveal()]))
  return openVictoriaMetrics(
    {
      ...address,
      ...(cacheResetUrls && { cacheResetUrls }),
      headers: revealed,
      snapshotFolder: join(stateDir, 'snapshots'),
      ...(ca !== undefined && { ca }),
      ...(deps.isBrief && { connectTimeoutMs: BRIEF_CONNECT_MS }),
      ...(auth && {
        auth:
          auth.kind === 'basic'
            ? { kind: 'basic', username: auth.username, password: auth.password.reveal() }
            : { kind: 'bearer', token: auth.token.reveal() },
      }),
    },
    deps,
  )
}
