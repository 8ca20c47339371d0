import { openCliHome } from '../test/cli-home.ts'
import { collect, timeRun } from './measure.ts'
import type { Bench } from './rows.ts'

/** How long it takes until `--help` has ended, and until `run` listens. */
export const start: Bench = async function* ({ rounds }) {
  const config = { store: { type: 'embedded' }, devices: [{ name: 'a', url: 'http://127.0.0.1:1' }] }
  const help = []
  const run: number[] = []
  for (let round = 0; round < rounds; round++) {
    const { wallS, cpuS, peakMb } = await timeRun(config, ['--help'])
    help.push({ 'wall ms': 1000 * wallS, 'CPU ms': 1000 * cpuS, 'peak MB': peakMb })
    run.push(await timeDaemon(config))
  }
  const { 'wall ms': values = [], ...raw } = collect(help)
  yield { title: 'start-up of --help', unit: 'ms', values, raw }
  yield { title: 'start-up of run, until it listens', unit: 'ms', values: run, raw: {} }
}

async function timeDaemon(config: object): Promise<number> {
  const home = await openCliHome(config)
  try {
    const startedMs = performance.now()
    const daemon = home.start(['run'])
    await daemon.says(/http:\/\/127\.0\.0\.1:\d+/)
    const tookMs = performance.now() - startedMs
    daemon.kill('SIGTERM')
    await daemon.ended
    return tookMs
  } finally {
    await home.close()
  }
}
