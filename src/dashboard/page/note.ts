import type { DeviceState, House, Job, Status, Timeline } from '../api/answers.ts'
import { readRuns, STATE } from '../chart/runs.ts'
import { type FailureKind, failureWords, sentences, spoken, withTimes } from '../text/failure-words.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../text/house-time.ts'
import { grouped, listed, listedBriefly, percentDone, THIN_SPACE } from '../text/number.ts'
import { texts } from '../text/texts.ts'
import { ageText, daysText, type Formatter } from '../text/time.ts'
import type { Mark } from './glyph.tsx'
import { powerSpan } from './power-span.ts'
import type { Query } from './route.ts'

export type Action =
  | { readonly kind: 'repair'; readonly device: string; readonly fromMs: number; readonly untilMs: number }
  | { readonly kind: 'check'; readonly device: string }
  | { readonly kind: 'stop'; readonly job: string }
  | { readonly kind: 'pause'; readonly device: string; readonly paused: boolean }

/** What is the matter, since when, what it means for these figures, what to do. */
export interface Note {
  readonly mark: Mark
  readonly title: string
  readonly meaning: string
  /** For whoever fixes it: the message as it is. */
  readonly detail?: string
  /** What to type in a terminal, after the meaning. */
  readonly command?: string
  readonly action?: { readonly label: string; readonly does: Action }
  /** What Power shows of it. */
  readonly span?: Query
}

interface Facts {
  readonly status: Status
  readonly house: House | undefined
  readonly timeline: Timeline | undefined
  readonly jobs: readonly Job[]
  readonly nowMs: number
  readonly formatter: Formatter
}

const YEAR_DAYS = 365
const DONE_SHOWN_MS = 10 * MINUTE_MS
const SEVERITY: Readonly<Record<Mark, number>> = { bad: 0, warn: 1, busy: 2, ok: 3 }

/** All that can be told where the answers are those of before. */
export function offlineNote(keptAtMs: number, formatter: Formatter): Note {
  return {
    mark: 'warn',
    title: texts.page.noConnection(formatter.when(keptAtMs)),
    meaning: texts.page.noConnectionMeaning,
  }
}

/** The most serious first. */
export function findNotes(facts: Facts): readonly Note[] {
  const notes = [
    ofStore(facts),
    ofDevices(facts),
    ofAlerts(facts),
    ofAge(facts),
    ofJobs(facts),
    ofGaps(facts),
    ofBackfill(facts),
    ofSums(facts),
    ofDemo(facts),
  ]
  return notes.flatMap((note) => note ?? []).toSorted((a, b) => SEVERITY[a.mark] - SEVERITY[b.mark])
}

function ofStore({ status: { store, devices }, formatter }: Facts): Note | undefined {
  if (store.state === 'failing') {
    const words = failureWords('', store.failure?.message ?? '')
    const since = store.failure ? texts.since(formatter.when(store.failure.sinceMs)) : ''
    return {
      mark: 'bad',
      title: texts.notes.storeFails(`${store.failure ? words.verb : texts.notes.storeSilent}${since}`),
      meaning: sentences(words.why, texts.notes.nothingLost, words.todo),
      ...(store.failure && { detail: store.failure.message }),
    }
  }
  const waiting = devices.filter((device) => isWaitingForStore(device, store))
  if (waiting.length === 0) return undefined
  return {
    mark: 'warn',
    title: texts.notes.storeBack,
    meaning: sentences(texts.notes.copiedNext(namesOf(waiting)), nextAttempt(waiting, formatter)),
  }
}

function nextAttempt(devices: readonly DeviceState[], formatter: Formatter, afterMs = -Infinity): string {
  const nextMs = Math.min(...devices.flatMap(({ nextPassMs }) => nextPassMs ?? []))
  return Number.isFinite(nextMs) && nextMs > afterMs ? texts.notes.nextAttempt(formatter.at(nextMs)) : ''
}

/** Whether it is the store that a device cannot be copied for; an older server does not say on which side it failed. */
export function isWaitingForStore({ state, failure }: DeviceState, store: Status['store']): boolean {
  if (state !== 'failing') return false
  return failure?.of === undefined ? store.state === 'failing' : failure.of === 'store'
}

/** Devices with the same trouble are told of together. */
function ofDevices(facts: Facts): readonly Note[] {
  const failing = facts.status.devices.filter(
    (device) => device.state === 'failing' && !isWaitingForStore(device, facts.status.store),
  )
  const groups = new Map<FailureKind, DeviceState[]>()
  for (const device of failing) groups.set(kindOf(device), [...(groups.get(kindOf(device)) ?? []), device])
  return Array.from(groups, ([kind, devices]) => deviceNote(kind, devices, facts))
}

function kindOf({ name, failure, storedUntilMs }: DeviceState): FailureKind {
  if (failure?.of === 'writer') return 'otherWriter'
  if (failure?.of === 'identity') return 'otherDevice'
  const { kind } = failureWords(name, failure?.message ?? '')
  // Of what was never reached nobody knows that it measures.
  return kind === 'silent' && storedUntilMs === undefined ? 'neverAnswered' : kind
}

function deviceNote(kind: FailureKind, devices: readonly DeviceState[], facts: Facts): Note {
  const { formatter, nowMs } = facts
  const isOne = devices.length === 1
  const failures = devices.flatMap(({ name, failure }) => (failure ? [{ name, ...failure }] : []))
  const sinceMs = Math.min(...failures.map((failure) => failure.sinceMs))
  const words = failures.map(({ name, message }) => failureWords(name, message))
  const said = texts.failures[kind][isOne ? 'one' : 'many']
  const since = Number.isFinite(sinceMs) ? texts.since(formatter.when(sinceMs)) : ''
  return {
    mark: 'bad',
    title: texts.notes.fails(namesOf(devices), `${said}${since}`),
    meaning: sentences(
      ...new Set(words.map(({ why }) => why)),
      kind === 'silent' ? texts.notes.keepsMeasuring(isOne) : '',
      knownWithout(devices, facts),
      ...new Set(
        kind === 'silent' || kind === 'neverAnswered' ? [texts.notes.lookAt(isOne)] : words.map(({ todo }) => todo),
      ),
      nextAttempt(devices, formatter, nowMs),
    ),
    ...(failures.length > 0 && { detail: failures.map(({ message }) => message).join('\n') }),
  }
}

/** What of the figures needs devices that fail, and what does not. */
function knownWithout(failing: readonly DeviceState[], { status, house, nowMs }: Facts): string {
  const names = new Set(failing.map(({ name }) => name))
  const own = (house?.channels ?? []).filter(({ device }) => names.has(device))
  if (own.length === 0) return ''
  const isOne = failing.length === 1
  const trunk = trunkDevices(status, house)
  if (trunk.some(({ name }) => names.has(name))) {
    return trunk.some(({ storedUntilMs }) => storedUntilMs === undefined)
      ? texts.notes.trunkUnknown(isOne)
      : texts.notes.trunkOld(isOne)
  }
  const circuits = own.filter(({ role }) => role === 'circuit').length
  const isCurrent = trunk.length > 0 && trunk.every((device) => isFresh(device, status, nowMs))
  return sentences(
    isCurrent ? texts.notes.trunkCurrent(isOne, house?.hasSolar === true) : '',
    circuits === 0 ? '' : texts.notes.circuitsUnknown(circuits, isOne),
  )
}

/** The devices that measure the trunk. */
function trunkDevices({ devices }: Status, house: House | undefined): readonly DeviceState[] {
  const names = new Set((house?.channels ?? []).flatMap(({ device, role }) => (role === 'circuit' ? [] : [device])))
  return devices.filter(({ name }) => names.has(name))
}

const isFresh = ({ state, storedUntilMs }: DeviceState, { maxAgeMs }: Status, nowMs: number): boolean =>
  state === 'ok' && storedUntilMs !== undefined && nowMs - storedUntilMs <= maxAgeMs

/** Whether the figures of the trunk are those of another minute than the present one, because something fails. */
export function isTrunkLate(status: Status, house: House): boolean {
  const trunk = trunkDevices(status, house)
  const needed = trunk.length > 0 ? trunk : status.devices
  return status.store.state === 'failing' || needed.some(({ state }) => state === 'failing')
}

/** `iwatt5, iwatt6 and attic` */
const namesOf = (devices: readonly { readonly name: string }[]): string =>
  listedBriefly(devices.map(({ name }) => name))

function ofAge({ status, nowMs, formatter }: Facts): Note | undefined {
  const [oldest] = status.devices
    .flatMap(({ name, state, storedUntilMs }) =>
      state === 'ok' && storedUntilMs !== undefined ? [{ name, storedUntilMs }] : [],
    )
    .toSorted((a, b) => a.storedUntilMs - b.storedUntilMs)
  if (oldest === undefined || status.store.state === 'failing') return undefined
  const ageMs = nowMs - oldest.storedUntilMs
  if (ageMs <= status.maxAgeMs) return undefined
  const time = formatter.when(oldest.storedUntilMs)
  return {
    mark: 'warn',
    title: texts.notes.old(ageText(ageMs), time),
    meaning: texts.notes.oldMeaning(oldest.name, time),
  }
}

function ofGaps({ status, timeline, jobs, formatter }: Facts): readonly Note[] {
  if (timeline === undefined || status.store.state === 'failing') return []
  const busy = new Set(jobs.filter(isOpen).map(({ device }) => device))
  return timeline.lanes
    .filter(({ device, missingMinutes }) => missingMinutes > 0 && !busy.has(device))
    .flatMap(({ device, runs, missingMinutes }) => {
      const gaps = readRuns(runs).filter(({ state }) => state === STATE.missing)
      const [first, last] = [gaps[0], gaps.at(-1)]
      if (first === undefined || last === undefined) return []
      const fromMs = timeline.fromMs + first.from * MINUTE_MS
      const untilMs = timeline.fromMs + last.until * MINUTE_MS
      return [
        {
          mark: 'warn' as const,
          title: texts.notes.missing(missingMinutes, device, formatter.span(fromMs, untilMs)),
          meaning: texts.notes.missingMeaning,
          action: {
            label: texts.copyMinutes(String(missingMinutes)),
            does: { kind: 'repair' as const, device, fromMs, untilMs },
          },
          span: powerSpan(around({ fromMs, untilMs }), formatter.time),
        },
      ]
    })
}

const around = ({ fromMs, untilMs }: { fromMs: number; untilMs: number }) => ({
  fromMs: fromMs - HOUR_MS,
  untilMs: untilMs + HOUR_MS,
})

/** Of circuits; what else may be alerted has notes of its own. */
function ofAlerts({ status: { alerts = [] }, house, nowMs, formatter }: Facts): readonly Note[] {
  return alerts.flatMap(({ kind, name, sinceMs }): readonly Note[] => {
    if (kind !== 'above' && kind !== 'below') return []
    const channels = (house?.channels ?? []).filter(({ location }) => location === name)
    const ids =
      channels.length > 0 ? channels.map(({ id }) => id) : house?.groups.find((group) => group.name === name)?.channels
    const [shown = name] = channels.map((channel) => channel.name ?? name)
    return [
      {
        mark: 'warn',
        title: texts.notes[kind](shown, formatter.when(sinceMs)),
        meaning: texts.notes.alertMeaning,
        span: powerSpan(around({ fromMs: sinceMs, untilMs: nowMs }), formatter.time, ids),
      },
    ]
  })
}

export const isOpen = ({ state }: Job): boolean => state === 'waiting' || state === 'running'

function ofJobs({ jobs, nowMs, formatter }: Facts): readonly Note[] {
  return jobs.flatMap((job): readonly Note[] => {
    if (isOpen(job)) return [openJobNote(job)]
    const { device, kind, state, doneMinutes, endedAtMs, text } = job
    if (endedAtMs === undefined || nowMs - endedAtMs > DONE_SHOWN_MS) return []
    const at = formatter.at(endedAtMs)
    if (state === 'failed') {
      const { why, todo } = failureWords(device, text)
      const title = texts.notes.jobFailed(kind, device, at)
      return [{ mark: 'warn', title, meaning: sentences(why, todo), detail: text }]
    }
    const title = kind === 'repair' ? texts.notes.repaired(doneMinutes, device, at) : texts.notes.checked(device, at)
    const said = withTimes(text, formatter.when)
    const meaning = spoken(said)
    return [{ mark: 'ok', title, meaning, ...(meaning !== said && { detail: said }) }]
  })
}

function openJobNote({ device, id, kind, state, totalMinutes, doneMinutes }: Job): Note {
  const isRepair = kind === 'repair'
  const done = (isRepair ? texts.notes.confirmed : texts.notes.counted)(grouped(doneMinutes))
  const how = state === 'waiting' ? texts.waitsForTurn : done
  return {
    mark: 'busy',
    title: isRepair ? texts.notes.copying(totalMinutes, device, how) : texts.notes.checking(device, how),
    meaning: texts.notes.canLeave,
    action: { label: texts.stop, does: { kind: 'stop', job: id } },
  }
}

function ofSums({ status: { sums } }: Facts): Note | undefined {
  if (sums.state === 'ready') return undefined
  if (sums.state === 'failing')
    return {
      mark: 'warn',
      title: texts.notes.sumsNotSaved,
      meaning: texts.notes.sumsNotSavedMeaning,
      ...(sums.failure && { detail: sums.failure.message }),
    }
  return {
    mark: 'busy',
    title: texts.notes.addingUp(grouped(sums.doneDays), sums.totalDays),
    meaning: texts.notes.addingUpMeaning,
  }
}

function ofBackfill({ status, nowMs, formatter }: Facts): readonly Note[] {
  const isEmpty = status.devices.length > 0 && status.devices.every(({ storedUntilMs }) => storedUntilMs === undefined)
  if (isEmpty) {
    const found = status.devices.map(({ name, history: { totalMinutes } }) =>
      totalMinutes > 0 ? texts.notes.holds(name, yearsText(totalMinutes)) : texts.notes.isAsked(name),
    )
    const title = texts.notes.firstSync
    return [{ mark: 'busy', title, meaning: sentences(...found, texts.notes.newestFirst) }]
  }
  return status.devices
    .filter(
      ({ history, state }) =>
        (history.state === 'loading' && state !== 'failing' && status.store.state !== 'failing') || history.isPaused,
    )
    .map(({ name, history: { doneMinutes, totalMinutes, untilMs, leftMs, isPaused } }) => {
      const percent = `${percentDone(doneMinutes, totalMinutes)}${THIN_SPACE}%`
      const at = untilMs === undefined ? undefined : formatter.day(untilMs)
      const leftMinutes = totalMinutes - doneMinutes
      const end =
        leftMs === undefined || isPaused
          ? ''
          : `${paceText(leftMinutes, leftMs)}${texts.notes.doneAbout(formatter.when(nowMs + leftMs))}`
      return {
        mark: 'busy' as const,
        title: (isPaused ? texts.notes.paused : texts.notes.backfilling)(name, percent, at),
        meaning: `${texts.notes.toGo(daysText(leftMinutes))}${end}. ${texts.notes.backfillMeaning}`,
        action: {
          label: isPaused ? texts.notes.goOn : texts.notes.pause,
          does: { kind: 'pause' as const, device: name, paused: !isPaused },
        },
      }
    })
}

/** ` at 4.4 days a minute` */
function paceText(minutes: number, inMs: number): string {
  const pace = (minutes * MINUTE_MS) / DAY_MS / (inMs / MINUTE_MS)
  return Number.isFinite(pace) && pace > 0 ? texts.notes.pace(grouped(pace, pace < 10 ? 1 : 0)) : ''
}

/** `4 years and 190 days` */
function yearsText(minutes: number): string {
  const days = Math.ceil((minutes * MINUTE_MS) / DAY_MS)
  const years = Math.floor(days / YEAR_DAYS)
  return years === 0 ? texts.days(days) : listed([texts.years(years), texts.days(days % YEAR_DAYS)])
}

function ofDemo({ status }: Facts): Note | undefined {
  if (!status.isDemo) return undefined
  return {
    mark: 'ok',
    title: texts.notes.demo,
    meaning: texts.notes.demoMeaning,
    command: 'iotawatt-sync init',
  }
}
