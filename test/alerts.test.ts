import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest'
import { parse } from 'yaml'
import { findPromtool } from '../scripts/promtool.mjs'
import type { RunningServer } from '../scripts/victoria-metrics.mjs'
import { DEFAULT_LABEL_RULES } from '../src/labels/default-rules.ts'
import { labelsFor } from '../src/labels/labels-for.ts'
import { ask, dashboardFiles, importLines } from './grafana-queries.ts'
import { realBinary, startRealStore } from './real-store.ts'
import { selfMetrics, type SelfMetricsOptions } from './self-metrics.ts'
import { loadCards, UNITS } from './two-units.ts'

const run = promisify(execFile)
const RULES = fileURLToPath(new URL('../deploy/alerts.yaml', import.meta.url))
const CASES = fileURLToPath(new URL('alerts.promtool.yaml', import.meta.url))
const groups: { rules: { alert: string; expr: string }[] }[] = parse(readFileSync(RULES, 'utf8')).groups
const rules = groups.flatMap((group) => group.rules)
const promtool = await findPromtool()
if (promtool === undefined) {
  if (process.env['CI'] === 'true') throw new Error('CI=true, and there is no promtool to test the alerts with')
  console.error('### The tests of the alerts by promtool DID NOT RUN: there is none (see above) ###')
}

/** Beside the server, in the same package. */
const vmalert = join(dirname(realBinary ?? ''), 'vmalert')

test('promtool has a case in which each alert fires', () => {
  const { tests }: { tests: { alert_rule_test: { alertname: string; exp_alerts?: unknown[] }[] }[] } = parse(
    readFileSync(CASES, 'utf8'),
  )
  const firing = tests.flatMap((one) => one.alert_rule_test).filter((one) => one.exp_alerts !== undefined)
  expect(new Set(firing.map(({ alertname }) => alertname))).toEqual(new Set(rules.map(({ alert }) => alert)))
})

test.skipIf(!promtool)('they fire and keep quiet when they should', async () => {
  const { stdout } = await run(promtool as string, ['test', 'rules', CASES])
  expect(stdout).toContain('SUCCESS')
})

test.skipIf(!realBinary)('vmalert reads them', async () => {
  await run(vmalert, ['-dryRun', `-rule=${RULES}`])
})

/** The cards end at UNTIL_S; an hour before it all is well, and all that the daemon can tell is wrong a month later. */
const UNTIL_S = 1_717_200_000
const WELL_S = UNTIL_S - 3600
const TROUBLED_S = UNTIL_S + 30 * 86_400
const SCRAPED_S = 3 * 3600
const TROUBLES: SelfMetricsOptions['changes'] = {
  lag_seconds: (ageS) => ageS / 2,
  holes_minutes: () => 47,
  store_up: () => 0,
  channels_missing: () => 1,
  device_busy_seconds_total: (ageS) => 0.24 * ageS,
  up: () => 0,
}
const BOTH = UNITS.map((device) => ({ device }))
const DAEMON = { instance: 'iotawatt-sync:8480' }
const NAMED: Readonly<Record<string, readonly [atS: number, labels: readonly object[]]>> = {
  IotawattNoData: [UNTIL_S + 1200, BOTH],
  IotawattLagGrowing: [TROUBLED_S, BOTH],
  IotawattHoles: [TROUBLED_S, BOTH],
  IotawattStoreRefusing: [TROUBLED_S, [DAEMON]],
  IotawattChannelVanished: [TROUBLED_S, BOTH],
  IotawattChannelSilent: [UNTIL_S, [{ device: 'iwatt5', location: 'Sauna' }]],
  IotawattDeviceLoadHigh: [TROUBLED_S, BOTH],
  IotawattSyncDown: [TROUBLED_S, [{ ...DAEMON, __name__: 'up', job: 'iotawatt-sync' }]],
}

describe.skipIf(!realBinary)('asked of a VictoriaMetrics that holds the cards', () => {
  let server: RunningServer
  beforeAll(async () => {
    server = await startRealStore()
    await loadCards(server.url)
    const body = [
      silentChannel(),
      selfMetrics({ fromS: UNTIL_S - SCRAPED_S, untilS: UNTIL_S }),
      selfMetrics({ fromS: TROUBLED_S - SCRAPED_S, untilS: TROUBLED_S, changes: TROUBLES }),
    ].join('\n')
    await importLines(server.url, body)
  })
  afterAll(() => server.stop())

  it.each(rules)('$alert names nobody while all is well, and then those who are not', async ({ alert, expr }) => {
    const [atS, labels] = NAMED[alert] ?? expect.unreachable()
    expect(await ask(server.url, 'query', { query: expr, time: WELL_S })).toEqual([])
    const found = await ask(server.url, 'query', { query: expr, time: atS })
    expect(found.map(({ metric }) => metric)).toEqual(labels)
  })

  it('vmalert evaluates them for half an hour, and the dashboard Daemon shows those that then fire', async () => {
    const [fromS, untilS] = [TROUBLED_S - 1800, TROUBLED_S].map((atS) => new Date(atS * 1000).toISOString())
    const urls = ['datasource', 'remoteWrite'].map((what) => `-${what}.url=${server.url}`)
    const replay = [`-replay.timeFrom=${fromS}`, `-replay.timeTo=${untilS}`, '-replay.rulesDelay=1ms']
    await run(vmalert, [`-rule=${RULES}`, ...urls, ...replay, '-datasource.queryStep=1m', '-replay.disableProgressBar'])
    await importLines(server.url, '')
    const panel = dashboardFiles.get('collector')?.panels.find(({ title }) => title === 'Firing alerts')
    const found = await ask(server.url, 'query', { query: panel?.targets[0]?.expr ?? '', time: TROUBLED_S })
    const told = [
      'IotawattHoles',
      'IotawattChannelVanished',
      'IotawattLagGrowing',
      'IotawattNoData',
      'IotawattStoreRefusing',
      'IotawattSyncDown',
    ]
    // The gaps are those that selfMetrics brings along; theirs, and the load's, would take hours.
    expect(new Set(found.map(({ metric }) => metric['alertname']))).toEqual(new Set(told))
  })
})

/** An import line of a channel that falls silent half an hour before all is looked at for the first time. */
function silentChannel(): string {
  const metric = labelsFor({ metric: 'power', location: 'Sauna' }, { device: 'iwatt5', rules: DEFAULT_LABEL_RULES })
  return JSON.stringify({ metric, timestamps: [(WELL_S - 1800) * 1000], values: [4000] })
}
