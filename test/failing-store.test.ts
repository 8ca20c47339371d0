import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { RunningServer } from '../scripts/victoria-metrics.mjs'
import { HOUR_MS } from '../src/model/time-window.ts'
import { systemClock, type Clock } from '../src/runtime/clock.ts'
import type { Log } from '../src/runtime/log.ts'
import { openVictoriaMetrics } from '../src/store/victoriametrics/open-victoriametrics.ts'
import { KEEP_ALL } from './doubles/test-server.ts'
import { differences, expectedSeries } from './expected-series.ts'
import { startFaultProxy, type FaultProxy, type WriteFault } from './fault-proxy.ts'
import { startMortalStore } from './mortal-store.ts'
import { exportAll, realBinary, startRealStore } from './real-store.ts'
import { contextFor, loadAll, serveCard } from './two-units.ts'

// They mostly wait.
vi.setConfig({ maxConcurrency: 8 })

const ANSWER_TIMEOUT_MS = 3_000
const UNANSWERED: readonly WriteFault[] = ['is not answered', 'arrives after the client has gone']
const LONG = process.env['LONG'] !== undefined
const KILLED_AT = (LONG ? [1, 2, 4, 5, 7, 8] : [6]).flatMap((write) =>
  (['at once', 'after a while'] as const).map((back) => ({ write, back })),
)
const DEAD_MS = 2_000
const UNIT = 'iwatt6'

const ASKED = String.raw`POST http://127\.0\.0\.1:\d+/api/v1/import: `
const AGAIN = String.raw`; attempt \d of 8 begins after a pause of \d s$`
const said: Readonly<Record<WriteFault, string>> = {
  'is answered with 500': `${ASKED}500: cannot flush: out of luck${AGAIN}`,
  'is not answered': `${ASKED}no complete answer within 3 s${AGAIN}`,
  'is reset before it arrives': String.raw`${ASKED}the connection was lost \(.+\)${AGAIN}`,
  'is reset after it arrived': String.raw`${ASKED}the connection was lost \(.+\)${AGAIN}`,
  'arrives after the client has gone': `${ASKED}no complete answer within 3 s${AGAIN}`,
  'is cut half-way': String.raw`${ASKED}the connection was lost \(.+\)${AGAIN}`,
}
/** It is back before anybody asks for its start, or what it forgot is missed first. */
const RESTARTED = /restarted|lost \d+ samples that it had confirmed; they were written again/
const WAITING = /waiting \d+ s, as VictoriaMetrics at http:\/\/127\.0\.0\.1:\d+\/ may still execute a write/

describe.skipIf(!realBinary)('a store that fails', () => {
  let server: RunningServer
  beforeAll(async () => {
    server = await startRealStore([KEEP_ALL, '-insert.maxQueueDuration=1s'])
  })
  afterAll(async () => {
    vi.resetConfig()
    await server.stop()
  })

  const unlike: readonly WriteFault[] = ['is not answered', 'is reset after it arrived', 'is cut half-way']
  const cases = (LONG ? (Object.keys(said) as WriteFault[]) : unlike).flatMap((fault) =>
    (LONG ? [1, 2, 3, 4, 5, 6, 7, 8] : [fault === 'is cut half-way' ? 1 : 4]).map((write) => ({ fault, write })),
  )
  it.concurrent.each(cases)('write $write $fault: all is there, once, and it is logged', async ({ fault, write }) => {
    const device = `${fault} ${write}`
    const proxy = await startFaultProxy(server.url, (n) => (n === write ? fault : undefined))
    // Only what is never answered is given up soon: a busy store may take its time.
    const impatient = UNANSWERED.includes(fault) && { answerTimeoutMs: ANSWER_TIMEOUT_MS }
    const lines = await loadThrough(proxy, device, { ...impatient })
    expect(proxy.happened).toEqual([fault])
    expect(lines).toContainEqual(expect.stringMatching(new RegExp(said[fault])))
    if (fault !== 'is answered with 500') expect(lines).toContainEqual(expect.stringMatching(WAITING))
    expect(await differencesOf(server.url, device)).toEqual([])
  })

  it.concurrent.each(KILLED_AT)(
    'killed by force before write $write and back $back: all is there, once, and it is logged',
    async ({ write, back }) => {
      const mortal = await startMortalStore()
      const proxy = await startFaultProxy(mortal.url, async (n) => {
        if (n !== write) return undefined
        await mortal.kill()
        if (back === 'at once') await mortal.revive()
        else setTimeout(() => void mortal.revive(), DEAD_MS)
        return undefined
      })
      try {
        const lines = await loadThrough(proxy, UNIT)
        expect(lines).toContainEqual(expect.stringMatching(back === 'at once' ? RESTARTED : new RegExp(ASKED)))
        expect(await differencesOf(mortal.url, UNIT)).toEqual([])
      } finally {
        await mortal.close()
      }
    },
  )
})

/** What was logged while a device was loaded into what stands behind the proxy. */
async function loadThrough(
  proxy: FaultProxy,
  device: string,
  options: { answerTimeoutMs?: number } = {},
): Promise<string[]> {
  const lines: string[] = []
  const log = collectLines(lines)
  const clock = impatientClock(proxy)
  const served = await serveCard(UNIT)
  const store = openVictoriaMetrics({ url: proxy.url, ...options }, { clock, log, random: Math.random })
  const context = contextFor(device, served.url, store, { clock, log })
  try {
    await loadAll({ ...context, settings: { ...context.settings, chunkMs: 12 * HOUR_MS } })
    return lines
  } finally {
    await context.device.close()
    await store.close()
    await proxy.close()
    await served.close()
  }
}

async function differencesOf(url: string, device: string): Promise<string[]> {
  const all = await exportAll(url)
  const found = new Map([...all].filter(([, { labels }]) => labels['device'] === device))
  return differences(found, expectedSeries({ [device]: UNIT }))
}

/** Long waits end at once but for their first seconds, which the real store needs, and for what is on its way to it. */
function impatientClock(proxy: FaultProxy): Clock {
  const PATIENCE_MS = 4_000
  let skippedMs = 0
  return {
    nowMs: () => systemClock.nowMs() + skippedMs,
    async sleep(durationMs, signal) {
      await systemClock.sleep(Math.min(durationMs, PATIENCE_MS), signal)
      if (durationMs > PATIENCE_MS) await proxy.executed()
      skippedMs += Math.max(0, durationMs - PATIENCE_MS)
    },
  }
}

function collectLines(lines: string[]): Log {
  const add = (message: string) => void lines.push(message)
  return { debug() {}, info: add, warn: add, error: add }
}
