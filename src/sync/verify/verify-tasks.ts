import { at } from '../../model/at.ts'
import {
  ceilToMinute,
  intersection,
  MINUTE_MS,
  minuteCount,
  splitWindow,
  type TimeWindow,
} from '../../model/time-window.ts'
import { fillWindow } from '../copy/fill-window.ts'
import { labelsOf, type Target, windowOf, type TargetSpan } from '../session/target.ts'
import { compareHours, compareMinutes } from './compare-hours.ts'
import { fillGaps, countMissing, countStored, type Presence, readPresence } from './presence.ts'
import { createFindings, type Findings } from './findings.ts'
import { isLinear, type Verification } from './verification.ts'

/** Values that are read and compared at once: a batch or two of the device. */
const MAX_MINUTES_MS = 960 * MINUTE_MS
/** Before the first record of a log, a store is looked through from here. */
const OLDEST_MS = Date.UTC(2000, 0, 1)

export interface TaskOptions {
  readonly signal: AbortSignal
  /** Left out: all that is expected. */
  readonly sinceMs?: number
  readonly untilMs?: number
  /** Whether values are compared too: means over hours, and minutes where these differ; or every minute. */
  readonly values?: 'hours' | 'minutes'
  readonly repair: boolean
}

/** A part of the work, small enough to be done at a stretch. */
export interface Task {
  readonly window: TimeWindow
  run(verification: Verification, interrupted: () => boolean): Promise<Outcome>
}

export interface Outcome {
  readonly findings?: Findings | undefined
  readonly next?: readonly Task[]
  /** Whether a window that is to be complete now was written to; left out where nothing is to be filled. */
  readonly hasWritten?: boolean
}

/** All that is to be done, oldest first; a part may lead to further parts. */
export function planTasks({ session, targets }: Verification, options: TaskOptions): Task[] {
  const complete = windowOf(targets)
  const chunks = splitWindow(complete, session.settings.chunkMs)
  return [beforeLog(complete, options), ...chunks.map((window) => presenceTask(window, options))]
}

/** What the store has of a time of which the device's log knows nothing. */
function beforeLog({ fromMs }: TimeWindow, { sinceMs = 0, signal }: TaskOptions): Task {
  return {
    window: { fromMs, untilMs: fromMs },
    async run({ session, targets }) {
      const findings = createFindings()
      const logsFromMs = ceilToMinute(session.status.firstMs)
      const window = { fromMs: ceilToMinute(Math.max(sinceMs, OLDEST_MS)), untilMs: logsFromMs }
      if (minuteCount(window) === 0) return {}
      const totals = await session.store.totals(labelsOf(targets), window, signal)
      targets.forEach(({ key }, index) => {
        const minutes = at(totals, index).count
        if (minutes > 0) findings.add({ key, atMs: window.untilMs - 1, finding: 'onlyStored', minutes })
      })
      return { findings }
    },
  }
}

function presenceTask(window: TimeWindow, options: TaskOptions): Task {
  return {
    window,
    async run(verification) {
      const { signal, repair } = options
      const presence = await readPresence(verification, window, signal)
      const findings = await countStored(verification, presence, signal)
      const hasGaps = presence.missing.size > 0
      if (hasGaps && !repair) findings.merge(await countMissing(verification, presence, signal))
      const next = hasGaps && repair ? [fillTask(presence, options)] : []
      const rest = [...next, ...valueTasks(verification, window, options)]
      return { findings, next: rest, ...(repair && !hasGaps && { hasWritten: false }) }
    },
  }
}

function fillTask(before: Presence, options: TaskOptions): Task {
  const task: Task = {
    window: before.window,
    async run(verification, interrupted) {
      const { findings, sampleCount } = await fillGaps(verification, before, { interrupted, signal: options.signal })
      return { findings, hasWritten: sampleCount > 0, next: findings ? [] : [task] }
    },
  }
  return task
}

export function refillTask(window: TimeWindow, { signal }: TaskOptions): Task {
  return {
    window,
    async run({ session, targets }) {
      const { sampleCount } = await fillWindow(session, { targets, window }, { signal })
      return { hasWritten: sampleCount > 0 }
    },
  }
}

function valueTasks(verification: Verification, chunk: TimeWindow, options: TaskOptions): Task[] {
  const { targets } = verification
  const window = intersection(chunk, windowOf(targets))
  if (options.values === 'minutes') return minuteTasks({ window, targets }, options)
  if (options.values !== 'hours') return []
  const others = targets.filter((target) => !isLinear(verification, target))
  return [hoursTask(window, options), ...(others.length > 0 ? minuteTasks({ window, targets: others }, options) : [])]
}

function hoursTask(window: TimeWindow, options: TaskOptions): Task {
  return {
    window,
    async run(verification) {
      const { findings, suspects } = await compareHours(verification, window, options.signal)
      return { findings, next: joinNeighbours(suspects).flatMap((suspect) => minuteTasks(suspect, options)) }
    },
  }
}

function minuteTasks({ window, targets }: TargetSpan, { signal }: TaskOptions): Task[] {
  return splitWindow(window, MAX_MINUTES_MS).map((part) => ({
    window: part,
    run: async (verification) => {
      const current = verification.targets.filter(({ key }) => targets.some((target) => target.key === key))
      return { findings: await compareMinutes(verification, { window: part, targets: current }, signal) }
    },
  }))
}

/** Hours that follow each other and concern the same targets become one. */
function joinNeighbours(comparisons: readonly TargetSpan[]): TargetSpan[] {
  const joined: TargetSpan[] = []
  for (const comparison of comparisons) {
    const { window, targets } = comparison
    const last = joined.at(-1)
    if (last && last.window.untilMs === window.fromMs && isSame(last.targets, targets))
      joined[joined.length - 1] = { targets, window: { ...last.window, untilMs: window.untilMs } }
    else joined.push(comparison)
  }
  return joined
}

function isSame(a: readonly Target[], b: readonly Target[]): boolean {
  return a.length === b.length && a.every((target, index) => target === b[index])
}
