import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { join } from 'node:path'
import { MINUTE_MS } from '../src/model/time-window.ts'
import { silentLog } from '../src/runtime/log.ts'
import { type RunningSimulator, startSimulator } from '../src/simulator/start-simulator.ts'
import { type CliHome, openCliHome } from './cli-home.ts'
import { exportEmbedded } from './embedded-export.ts'
import { type Cluster, clusterBinaries, LOGIN, startCluster } from './real-cluster.ts'
import type { ExportedSeries } from './real-store.ts'

const DAYS = process.env['LONG'] ? 30 : 4

/** A cluster is none of the programs that Debian has: these tests run where somebody has built one. */
describe.skipIf(clusterBinaries === undefined)('a real cluster', () => {
  let simulator: RunningSimulator
  let truth: ReadonlyMap<string, ExportedSeries>
  let until: string
  const homes: CliHome[] = []

  async function openHome(store: object): Promise<CliHome> {
    const devices = simulator.devices.map(({ name, url }) => ({ name, url }))
    const home = await openCliHome({ devices, store, interval: '1m', chunk: '1d' })
    homes.push(home)
    return home
  }

  beforeAll(async () => {
    const midnightMs = Math.floor(Date.now() / 86_400_000) * 86_400_000
    simulator = await startSimulator({
      house: { seed: 54, fromMs: midnightMs - DAYS * 86_400_000 },
      readCostMs: 0.3,
      log: silentLog,
    })
    until = new Date(Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS - 2 * MINUTE_MS)
      .toISOString()
      .replace(':00.000Z', 'Z')
    const home = await openHome({ type: 'embedded' })
    await run(home, 'load')
    truth = await exportEmbedded(join(home.folder, 'data'))
  })
  afterAll(async () => {
    for (const home of homes) await home.close()
    await simulator.close()
  })

  /** Until it ends well: one that failed is run again. */
  async function run(home: CliHome, command: string, expected = 0): Promise<void> {
    const args = command === 'load' ? ['load', '--yes', '--until', until] : [command]
    for (let attempt = 1; ; attempt++) {
      const { code, stderr, stdout } = await home.run(args, {})
      if (code === expected) return
      if (attempt === 5) throw new Error(`${command} ended with ${code}:\n${stdout}${stderr}`)
    }
  }

  async function expectExact(cluster: Cluster, tenant: string): Promise<void> {
    let stored: ReadonlyMap<string, ExportedSeries> | undefined
    await expect.poll(async () => (stored = await cluster.exportAll(tenant))).toBeDefined()
    const count = (all: ReadonlyMap<string, ExportedSeries> | undefined) =>
      [...(all ?? [])].reduce((sum, [, { samples }]) => sum + samples.length, 0)
    const endMs = Date.parse(until)
    const known = new Map(
      [...(stored ?? [])].map(([key, { samples }]) => [key, samples.filter(([atMs]) => atMs < endMs)]),
    )
    process.stderr.write(
      `tenant ${tenant}: ${count(truth)} samples of the embedded store, ${count(stored)} of the cluster\n`,
    )
    expect([...known.keys()].toSorted()).toEqual([...truth.keys()].toSorted())
    for (const [key, { samples }] of truth) expect(known.get(key)).toEqual(samples)
  }

  describe.each([1, 2])('with %d copies', (replicationFactor) => {
    let cluster: Cluster
    beforeAll(async () => {
      cluster = await startCluster({ replicationFactor })
    })
    afterAll(() => cluster.close())

    const storeOf = (tenant: string) => ({
      type: 'victoriametrics',
      writeUrl: `${cluster.vminsert[0].url}/insert/${tenant}/prometheus`,
      readUrl: `${cluster.vmselect[0].url}/select/${tenant}/prometheus`,
      cacheResetUrls: [cluster.vmselect[1].url],
      allowDuplicates: true,
    })
    const behindVmauth = (tenant: string) => ({
      type: 'victoriametrics',
      writeUrl: `${cluster.vmauth.url}/insert/${tenant}/prometheus`,
      readUrl: `${cluster.vmauth.url}/select/${tenant}/prometheus`,
      allowDuplicates: true,
      ...LOGIN,
    })

    it.each([
      ['a tenant and a project', '0:5', storeOf],
      ['a tenant, behind vmauth', '42', behindVmauth],
    ])('has what the embedded store has (%s), and no command finds anything missing', async (_, tenant, store) => {
      const home = await openHome(store(tenant))
      await run(home, 'load')
      await run(home, 'sync')
      await run(home, 'verify')
      await expectExact(cluster, tenant)
    })

    const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
    const faults: readonly (readonly [string, string, () => Promise<void>])[] = [
      [
        'a storage node that is killed and back at once',
        '1',
        async () => {
          await cluster.vmstorage[1].kill()
          await cluster.vmstorage[1].start()
        },
      ],
      [
        'a storage node that is away for a while',
        '2',
        async () => {
          await cluster.vmstorage[0].kill()
          await pause(8_000)
          await cluster.vmstorage[0].start()
        },
      ],
      [
        'a vminsert that is killed',
        '3',
        async () => {
          await cluster.vminsert[0].kill()
          await cluster.vminsert[0].start()
        },
      ],
      [
        'a rolling restart',
        '4',
        async () => {
          for (const node of [...cluster.vmstorage, ...cluster.vminsert, ...cluster.vmselect]) {
            await node.stop()
            await node.start()
          }
        },
      ],
    ]
    const cases = faults.flatMap(([name, tenant, strike]) =>
      ['load', 'sync'].map((command, index) => [name, command, `${tenant}:${index}`, strike] as const),
    )
    it.each(cases)('%s, during %s: what is there in the end is exact', async (_, command, tenant, strike) => {
      const home = await openHome(storeOf(tenant))
      let isDone = false
      const done = run(home, command).finally(() => (isDone = true))
      for (let strikes = 0; strikes < 4 && !isDone; strikes++) {
        await pause(3_000)
        await strike()
      }
      await done
      // What `sync` has written a moment before a node dies, the next one writes again.
      if (command === 'sync') await run(home, 'sync')
      await expectExact(cluster, tenant)
    })

    it('does not take a partial answer for one: while a node is away commands fail, and nothing is written again', async () => {
      const home = await openHome(storeOf('7'))
      await run(home, 'load')
      await cluster.vmstorage[0].stop()
      for (const command of ['status', 'verify', 'sync']) {
        const { code, stdout, stderr } = await home.run([command], {})
        expect(stdout + stderr).toMatch(/storage node/)
        expect({ command, code }).not.toEqual({ command, code: 0 })
      }
      await cluster.vmstorage[0].start()
      await run(home, 'sync')
      await expectExact(cluster, '7')
    })
  })
})
