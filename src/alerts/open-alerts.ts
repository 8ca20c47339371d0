import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import { type Alert, alert, type AlertMessage, alertMessage } from '../api/alerts.ts'
import type { AlertRules } from '../model/alerts.ts'
import { HOUR_MS, MINUTE_MS } from '../model/time-window.ts'
import type { TimeZone } from '../model/time-zone.ts'
import { type Clock, timeLeft } from '../runtime/clock.ts'
import { explain } from '../runtime/errors.ts'
import type { Log } from '../runtime/log.ts'
import { makeFolder } from '../runtime/make-folder.ts'
import { parseJson } from '../runtime/parse-json.ts'
import { saveFile } from '../runtime/save-file.ts'
import { type AlertFacts, conditionsOf } from './conditions.ts'
import { addMessages, isQuiet, type Letter } from './outbox.ts'
import { idOf, type Receiver, sendMessage, DeliveryError, titleOf } from './send-message.ts'
import { type HeldCondition, stepAlerts } from './step-alerts.ts'

export interface AlertsOptions {
  readonly rules: AlertRules
  readonly receivers: readonly Receiver[]
  /** What is known at this moment; of what cannot be asked, nothing. */
  readonly facts: (signal: AbortSignal) => Promise<Omit<AlertFacts, 'nowMs' | 'watchedFromMs'>>
  readonly zone: TimeZone
  /** Where it is kept what was told, across restarts. */
  readonly stateDir: string
  readonly clock: Clock
  readonly log: Log
  /** The open alerts have changed. */
  readonly onChange: () => void
  /** For one delivery. */
  readonly timeoutMs?: number
}

export interface Alerts {
  /** The oldest first. */
  open(): readonly Alert[]
  /** Looks once a minute, and tells the receivers, until the signal is aborted. */
  run(signal: AbortSignal): Promise<void>
}

const FILE = 'alerts.json'
const [FIRST_PAUSE_MS, MAX_PAUSE_MS] = [MINUTE_MS, HOUR_MS]

/** Watches what is stored, and tells each receiver of an alert once when it begins and once when it is over. */
export async function openAlerts(options: AlertsOptions): Promise<Alerts> {
  const { rules, receivers, zone, clock, log, onChange, timeoutMs } = options
  const path = join(options.stateDir, FILE)
  const byId = new Map(receivers.map((receiver) => [idOf(receiver), receiver]))
  const pauses = new Map<string, { readonly untilMs: number; readonly lengthMs: number; readonly why: string }>()
  let { held, outbox } = await readState(path)
  outbox = outbox.filter(({ to }) => byId.has(to))
  let watchedFromMs = clock.nowMs()
  let saving = Promise.resolve()

  async function look(signal: AbortSignal): Promise<void> {
    const nowMs = clock.nowMs()
    const facts = await options.facts(signal)
    if (facts.isStoreFailing === true) watchedFromMs = nowMs
    const next = stepAlerts(held, conditionsOf(rules, { ...facts, nowMs, watchedFromMs }), { nowMs, zone })
    const isChanged = JSON.stringify(next.held) !== JSON.stringify(held)
    held = next.held
    outbox = addMessages(outbox, next.messages, [...byId.keys()])
    if (isChanged) await save()
    for (const { state, text } of next.messages) log[state === 'began' ? 'warn' : 'info'](`alert: ${text}`)
    if (next.messages.length > 0) onChange()
  }

  /** In order: what comes after one that was not taken waits too. */
  async function deliverTo(id: string, receiver: Receiver, signal: AbortSignal): Promise<void> {
    const pause = pauses.get(id)
    if (pause && timeLeft(clock.nowMs(), pause.untilMs, MAX_PAUSE_MS) > 0) return
    for (const { to, message, isTried } of outbox) {
      if (to !== id) continue
      const isThis = (letter: Letter) => letter.to === id && letter.message === message
      if (!isTried) {
        outbox = outbox.map((letter) => (isThis(letter) ? { ...letter, isTried: true } : letter))
        await save()
      }
      try {
        await sendMessage(receiver, message, { signal, ...(timeoutMs !== undefined && { timeoutMs }) })
      } catch (error) {
        if (!signal.aborted) noteFailure(id, error)
        return
      }
      outbox = outbox.filter((letter) => !isThis(letter))
      await save()
      if (pauses.delete(id)) log.info(`alerts: ${titleOf(receiver)} takes them again`)
    }
  }

  function noteFailure(id: string, error: unknown): void {
    const before = pauses.get(id)
    const askedMs = error instanceof DeliveryError ? error.pauseMs : 0
    const lengthMs = before ? before.lengthMs * 2 : FIRST_PAUSE_MS
    const pauseMs = Math.min(MAX_PAUSE_MS, Math.max(lengthMs, askedMs))
    const why = explain(error)
    pauses.set(id, { untilMs: clock.nowMs() + pauseMs, lengthMs: Math.min(MAX_PAUSE_MS, lengthMs), why })
    if (before?.why !== why) log.warn(`alerts: ${why}; it is tried again`)
  }

  /** Told and not kept is better than not told. */
  function save(): Promise<void> {
    saving = saving
      .then(async () => {
        await makeFolder(options.stateDir)
        await saveFile(path, JSON.stringify({ held, outbox }))
      })
      .catch((error: unknown) => log.warn(`what alerts were told was not kept: ${explain(error)}`))
    return saving
  }

  return {
    open: () => held.flatMap(({ alert: open }) => open ?? []).toSorted((a, b) => a.sinceMs - b.sinceMs),
    async run(signal) {
      while (!signal.aborted) {
        await look(signal)
        if (!isQuiet(rules.quietHours, zone, clock.nowMs()))
          await Promise.all([...byId].map(([id, receiver]) => deliverTo(id, receiver, signal)))
        await clock.sleep(MINUTE_MS, signal).catch(() => undefined)
      }
    },
  }
}

const stateSchema = z.object({
  held: z.array(z.object({ key: z.string(), sinceMs: z.int(), alert: alert.exactOptional() })),
  outbox: z.array(z.object({ to: z.string(), message: alertMessage, isTried: z.boolean() })),
})

/** What cannot be read was never told. */
async function readState(
  path: string,
): Promise<{ readonly held: readonly HeldCondition[]; readonly outbox: readonly Letter[] }> {
  const { data } = stateSchema.safeParse(parseJson(await readFile(path, 'utf8').catch(() => '')))
  return data ?? { held: [], outbox: [] }
}

/** What a person sends to see whether it arrives. */
export function testMessage(nowMs: number): AlertMessage {
  const text = 'A test of the alerts of iotawatt-sync: nothing is wrong.'
  return { id: `test-${nowMs}`, kind: 'test', name: 'test', state: 'began', sinceMs: nowMs, text }
}
