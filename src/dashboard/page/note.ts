import type { DeviceState, House, Job, Status, Timeline } from '../api/answers.ts'
import { readRuns, STATE } from '../chart/runs.ts'
import { failureWords, sentences, withTimes } from '../text/failure-words.ts'
import { DAY_MS, MINUTE_MS } from '../text/house-time.ts'
import { count, grouped, percentDone, THIN_SPACE } from '../text/number.ts'
import { ageText, daysText, type Formatter } from '../text/time.ts'
import type { Mark } from './glyph.tsx'

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

/** The most serious first. */
export function findNotes(facts: Facts): readonly Note[] {
  const notes = [
    ofStore(facts),
    ofDevices(facts),
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
    const since = store.failure ? ` since ${formatter.when(store.failure.sinceMs)}` : ''
    return {
      mark: 'bad',
      title: `The store ${store.failure ? words.verb : 'does not answer'}${since}.`,
      meaning: sentences(
        words.why,
        'Nothing is lost: the devices keep their logs, and what is missing is copied when the store is back. This page shows what it had read before.',
        words.todo,
      ),
      ...(store.failure && { detail: store.failure.message }),
    }
  }
  const waiting = devices.filter((device) => isWaitingForStore(device, store))
  if (waiting.length === 0) return undefined
  return {
    mark: 'warn',
    title: 'The store answers again.',
    meaning: sentences(`What ${namesOf(waiting)} measured meanwhile is copied next.`, nextAttempt(waiting, formatter)),
  }
}

function nextAttempt(devices: readonly DeviceState[], formatter: Formatter, afterMs = -Infinity): string {
  const nextMs = Math.min(...devices.flatMap(({ nextPassMs }) => nextPassMs ?? []))
  return Number.isFinite(nextMs) && nextMs > afterMs ? `Next attempt at ${formatter.at(nextMs)}.` : ''
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
  const groups = new Map<string, DeviceState[]>()
  for (const device of failing) groups.set(verbOf(device), [...(groups.get(verbOf(device)) ?? []), device])
  return Array.from(groups, ([verb, devices]) => deviceNote(verb, devices, facts))
}

function verbOf({ name, failure, storedUntilMs }: DeviceState): string {
  if (failure?.of === 'writer') return 'has been copied by another iotawatt-sync as well'
  if (failure?.of === 'identity') return 'has had another device at its address'
  const { verb } = failureWords(name, failure?.message ?? '')
  // Of what was never reached nobody knows that it measures.
  return verb === 'has not answered' && storedUntilMs === undefined ? 'has never answered' : verb
}

function deviceNote(verb: string, devices: readonly DeviceState[], facts: Facts): Note {
  const { formatter, nowMs } = facts
  const isOne = devices.length === 1
  const failures = devices.flatMap(({ name, failure }) => (failure ? [{ name, ...failure }] : []))
  const sinceMs = Math.min(...failures.map((failure) => failure.sinceMs))
  const words = failures.map(({ name, message }) => failureWords(name, message))
  const said = isOne ? verb : verb.replace(/^has /, 'have ')
  const since = Number.isFinite(sinceMs) ? ` since ${formatter.when(sinceMs)}` : ''
  return {
    mark: 'bad',
    title: `${namesOf(devices)} ${said}${since}.`,
    meaning: sentences(
      ...new Set(words.map(({ why }) => why)),
      verb === 'has not answered'
        ? `While ${isOne ? 'it has' : 'they have'} power, ${isOne ? 'it keeps' : 'they keep'} measuring: what is logged meanwhile is copied when ${isOne ? 'it answers' : 'they answer'} again.`
        : '',
      knownWithout(devices, facts),
      ...new Set(verb.endsWith('answered') ? [lookAt(isOne)] : words.map(({ todo }) => todo)),
      nextAttempt(devices, formatter, nowMs),
    ),
    ...(failures.length > 0 && { detail: failures.map(({ message }) => message).join('\n') }),
  }
}

const lookAt = (isOne: boolean): string =>
  isOne
    ? 'Check that it is on and that its address is correct.'
    : 'Check that they are on and that their addresses are correct.'

/** What of the figures needs devices that fail, and what does not. */
function knownWithout(failing: readonly DeviceState[], { status, house, nowMs }: Facts): string {
  const names = new Set(failing.map(({ name }) => name))
  const own = (house?.channels ?? []).filter(({ device }) => names.has(device))
  if (own.length === 0) return ''
  const it = failing.length === 1 ? 'it' : 'them'
  const trunk = trunkDevices(status, house)
  if (trunk.some(({ name }) => names.has(name))) {
    return trunk.some(({ storedUntilMs }) => storedUntilMs === undefined)
      ? `House and grid are measured by ${it} and are not known.`
      : `House and grid are measured by ${it}: Now shows the last ones that are known, in grey and with their time.`
  }
  const circuits = own.filter(({ role }) => role === 'circuit').length
  const isCurrent = trunk.length > 0 && trunk.every((device) => isFresh(device, status, nowMs))
  return sentences(
    isCurrent
      ? `House, ${house?.hasSolar === true ? 'solar and' : 'and the'} grid do not need ${it} and are current.`
      : '',
    circuits === 0
      ? ''
      : `${count(circuits, 'circuit')} of ${it} ${circuits === 1 ? 'is' : 'are'} not known, so neither is Unmetered.`,
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
function namesOf(devices: readonly { readonly name: string }[]): string {
  const names = devices.map(({ name }) => name)
  const last = names.pop() ?? ''
  return names.length === 0 ? last : `${names.join(', ')} and ${last}`
}

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
    title: `The newest reading is ${ageText(ageMs)} old (${time}).`,
    meaning: `Syncing works, but ${oldest.name} has logged nothing since ${time}. The figures below are from then and shown in grey.`,
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
          title: `${count(missingMinutes, 'minute')} of ${device} ${missingMinutes === 1 ? 'is' : 'are'} missing, ${formatter.span(fromMs, untilMs)}.`,
          meaning: 'The device has them. Charts leave them blank, sums name them.',
          action: { label: `Copy ${missingMinutes} min`, does: { kind: 'repair' as const, device, fromMs, untilMs } },
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
      const title = `The ${kind} of ${device} failed at ${at}.`
      return [{ mark: 'warn', title, meaning: sentences(why, todo), detail: text }]
    }
    const done =
      kind === 'repair' ? `${count(doneMinutes, 'minute')} of ${device} copied and read back` : `${device} checked`
    return [{ mark: 'ok', title: `${done} at ${at}.`, meaning: withTimes(text, formatter.when) }]
  })
}

function openJobNote({ device, id, kind, state, totalMinutes, doneMinutes }: Job): Note {
  const isRepair = kind === 'repair'
  const what = isRepair ? `Copying ${count(totalMinutes, 'minute')} of ${device}` : `Checking ${device}`
  const done = `${grouped(doneMinutes)} ${isRepair ? 'confirmed' : 'minutes counted'}`
  return {
    mark: 'busy',
    title: `${what}: ${state === 'waiting' ? 'waits for its turn' : done}.`,
    meaning: 'You can leave this page. The result will be shown here and under Devices.',
    action: { label: 'Stop', does: { kind: 'stop', job: id } },
  }
}

function ofSums({ status: { sums } }: Facts): Note | undefined {
  if (sums.state === 'ready') return undefined
  if (sums.state === 'failing')
    return {
      mark: 'warn',
      title: 'The sums of hours and days cannot be saved.',
      meaning: 'Energy is slower than usual; its figures are correct.',
      ...(sums.failure && { detail: sums.failure.message }),
    }
  return {
    mark: 'busy',
    title: `Adding up hours and days: ${grouped(sums.doneDays)} of ${count(sums.totalDays, 'day')}.`,
    meaning: 'Sums of days that are not added up yet are left out and marked.',
  }
}

function ofBackfill({ status, nowMs, formatter }: Facts): readonly Note[] {
  const isEmpty = status.devices.length > 0 && status.devices.every(({ storedUntilMs }) => storedUntilMs === undefined)
  if (isEmpty) {
    const found = status.devices.map(({ name, history: { totalMinutes } }) =>
      totalMinutes > 0 ? `${name} answers and holds ${yearsText(totalMinutes)}.` : `${name} is being asked.`,
    )
    const title = 'Nothing is stored yet. The first sync is running.'
    return [{ mark: 'busy', title, meaning: sentences(...found, 'The newest days come first.') }]
  }
  return status.devices
    .filter(
      ({ history, state }) =>
        (history.state === 'loading' && state !== 'failing' && status.store.state !== 'failing') || history.isPaused,
    )
    .map(({ name, history: { doneMinutes, totalMinutes, untilMs, leftMs, isPaused } }) => {
      const percent = `${percentDone(doneMinutes, totalMinutes)}${THIN_SPACE}%`
      const where = untilMs === undefined ? '' : ` at ${formatter.day(untilMs)}`
      const leftMinutes = totalMinutes - doneMinutes
      const end =
        leftMs === undefined || isPaused
          ? ''
          : `${paceText(leftMinutes, leftMs)}, done about ${formatter.when(nowMs + leftMs)}`
      return {
        mark: 'busy' as const,
        title: isPaused
          ? `The backfill of ${name} is paused${where}, ${percent}.`
          : `Backfilling ${name}${where && `${where},`} ${percent}.`,
        meaning: `${daysText(leftMinutes)} to go${end}. Measuring continues. Sums of what is not loaded yet are incomplete and marked.`,
        action: {
          label: isPaused ? 'Continue' : 'Pause',
          does: { kind: 'pause' as const, device: name, paused: !isPaused },
        },
      }
    })
}

/** ` at 4.4 days a minute` */
function paceText(minutes: number, inMs: number): string {
  const pace = (minutes * MINUTE_MS) / DAY_MS / (inMs / MINUTE_MS)
  return Number.isFinite(pace) && pace > 0 ? ` at ${grouped(pace, pace < 10 ? 1 : 0)} days a minute` : ''
}

/** `4 years and 190 days` */
function yearsText(minutes: number): string {
  const days = Math.ceil((minutes * MINUTE_MS) / DAY_MS)
  const years = Math.floor(days / YEAR_DAYS)
  return years === 0 ? count(days, 'day') : `${count(years, 'year')} and ${count(days % YEAR_DAYS, 'day')}`
}

function ofDemo({ status }: Facts): Note | undefined {
  if (!status.isDemo) return undefined
  return {
    mark: 'ok',
    title: 'Demo: an invented house, nothing is measured and nothing is sent.',
    meaning: 'To see your own: ',
    command: 'iotawatt-sync init',
  }
}
