import type { Alert } from '../api/alerts.ts'
import type { AlertRules, CircuitRule } from '../model/alerts.ts'
import { MINUTE_MS } from '../model/time-window.ts'
import { judgeCircuit } from './judge-circuit.ts'

/** What is known in this minute; what is left out, or undefined, is not known. */
export interface AlertFacts {
  readonly nowMs: number
  /** Since when data could have come: the start of the daemon, or the last time that the store failed. */
  readonly watchedFromMs: number
  readonly isStoreFailing?: boolean | undefined
  readonly devices: readonly DeviceFacts[]
  readonly circuits: ReadonlyMap<CircuitRule, CircuitFacts>
}

interface DeviceFacts {
  readonly name: string
  /** The end of its newest stored minute. */
  readonly storedUntilMs?: number | undefined
  readonly missingMinutes?: number | undefined
}

export interface CircuitFacts {
  /** The end of the last minute. */
  readonly untilMs: number
  readonly watts: Float32Array
}

/** Something that an alert may be about. */
export interface Condition extends Pick<Alert, 'kind' | 'name'> {
  /** The same for the same rule and name, also after a restart. */
  readonly key: string
  /** `below 5 W` */
  readonly what: string
  /** Undefined: not known in this minute. */
  readonly holds: boolean | undefined
  /** Left out: since it was seen first. */
  readonly sinceMs?: number | undefined
  /** It becomes an alert when it has held for so long. */
  readonly afterMs: number
}

export function conditionsOf(rules: AlertRules, facts: AlertFacts): Condition[] {
  const { storeFailingMs, gapsMs, noDataMs, circuits } = rules
  const conditions: Omit<Condition, 'key'>[] = []
  if (storeFailingMs !== undefined)
    conditions.push({
      kind: 'storeFailing',
      name: 'store',
      what: 'failing',
      holds: facts.isStoreFailing,
      afterMs: storeFailingMs,
    })
  for (const device of facts.devices) {
    const { name, missingMinutes } = device
    const holds = missingMinutes === undefined ? undefined : missingMinutes > 0
    if (noDataMs !== undefined) conditions.push(noData(device, noDataMs, facts))
    if (gapsMs !== undefined) conditions.push({ kind: 'gaps', name, what: 'unfilled gaps', holds, afterMs: gapsMs })
  }
  conditions.push(...circuits.map((rule) => ofCircuit(rule, facts.circuits.get(rule))))
  return conditions.map((condition) => ({
    ...condition,
    key: [condition.kind, condition.name, condition.what, condition.afterMs].join(' '),
  }))
}

/** While the store fails, nobody can know; then, and after a start, data have the time to come. */
function noData(
  { name, storedUntilMs = -Infinity }: DeviceFacts,
  noDataMs: number,
  { nowMs, watchedFromMs, isStoreFailing }: AlertFacts,
): Omit<Condition, 'key'> {
  const isCurrent = nowMs - storedUntilMs <= noDataMs
  const isLate = isStoreFailing !== true && nowMs - Math.max(storedUntilMs, watchedFromMs) > noDataMs
  return {
    kind: 'noData',
    name,
    what: 'no data',
    holds: isCurrent ? false : isLate ? true : undefined,
    sinceMs: Math.max(0, storedUntilMs === -Infinity ? watchedFromMs : storedUntilMs),
    afterMs: 0,
  }
}

function ofCircuit(rule: CircuitRule, found: CircuitFacts | undefined): Omit<Condition, 'key'> {
  const { circuit: name, side: kind, watts, forMs } = rule
  const { holds, ago } = found ? judgeCircuit(rule, found.watts) : { holds: undefined, ago: 0 }
  const what = `${kind} ${watts} W`
  return { kind, name, what, holds, sinceMs: found && found.untilMs - ago * MINUTE_MS, afterMs: forMs }
}
