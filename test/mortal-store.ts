import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startVictoriaMetrics } from '../scripts/victoria-metrics.mjs'
import { KEEP_ALL } from './doubles/test-server.ts'
import { freePort } from './free-port.ts'
import { realBinary } from './real-store.ts'

/** A VictoriaMetrics that keeps its folder and address when it is killed. */
export interface MortalStore {
  readonly url: string
  kill(): Promise<void>
  /** Ends it cleanly. */
  stop(): Promise<void>
  revive(): Promise<void>
  close(): Promise<void>
}

export async function startMortalStore(): Promise<MortalStore> {
  const folder = await mkdtemp(join(tmpdir(), 'mortal-store-'))
  const port = await freePort()
  const start = () => startVictoriaMetrics({ binary: realBinary!, folder, port, args: [KEEP_ALL] })
  let running = await start()
  return {
    url: running.url,
    kill: () => running.kill(),
    stop: () => running.stop(),
    async revive() {
      running = await start()
    },
    async close() {
      await running.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
