import type { ComponentType, JSX } from 'preact'
import type { DeviceDetail, Devices, Failure } from '../api/answers.ts'
import { linePath } from '../chart/lines.tsx'
import { useIsPhone } from '../chart/use-width.ts'
import { Detail } from '../page/failing-part.tsx'
import { Glyph, type Mark } from '../page/glyph.tsx'
import { isWaitingForStore } from '../page/note.ts'
import { useKnown } from '../page/page.ts'
import { failureWords, withTimes } from '../text/failure-words.ts'
import { DAY_MS, MINUTE_MS } from '../text/house-time.ts'
import { count, grouped, shareText, THIN_SPACE, UNKNOWN } from '../text/number.ts'
import { ageText, clockWords, lengthText } from '../text/time.ts'

type Store = Devices['store']
type RowKey = 'state' | 'error' | 'lag' | 'pass' | 'load' | 'history' | 'clock' | 'firmware' | 'channels'

interface DeviceRow {
  readonly key: RowKey
  readonly label: string
  readonly Cell: ComponentType<{ device: DeviceDetail }>
}

/** More than this apart, minutes may be missed at their edges. */
const CLOCK_APART_MS = 30_000
const SLOW_CYCLE_MS = 30_000

/** The state first, the last error in plain words second, so that the odd one stands out. */
export const DEVICE_ROWS: readonly DeviceRow[] = [
  { key: 'state', label: 'State', Cell: State },
  { key: 'error', label: 'Last error', Cell: LastError },
  { key: 'lag', label: 'Lag', Cell: Lag },
  { key: 'pass', label: 'Last sync', Cell: LastCycle },
  { key: 'load', label: 'Time spent answering requests', Cell: Load },
  { key: 'history', label: 'Backfill', Cell: BackfillRow },
  { key: 'clock', label: 'Clock', Cell: DeviceClock },
  { key: 'firmware', label: 'Firmware', Cell: Firmware },
  { key: 'channels', label: 'Channels', Cell: Channels },
]

export const STORE_CELLS: Partial<Readonly<Record<RowKey, ComponentType<{ store: Store }>>>> = {
  state: StoreState,
  error: StoreError,
  lag: StoreTimes,
  history: StoreRetention,
  clock: StoreClock,
  firmware: StoreVersion,
  channels: StoreSeries,
}

function StateWord({ mark, word }: { mark: Mark; word: string }): JSX.Element {
  const tone = mark === 'bad' || mark === 'warn' ? ` flag ${mark}` : ''
  return (
    <span class={`state${tone}`}>
      <Glyph mark={mark} />
      {word}
    </span>
  )
}

function State({ device }: { device: DeviceDetail }): JSX.Element {
  const { status } = useKnown()
  const { state, lastPass } = device
  if (isWaitingForStore(device, status.store)) return <StateWord mark="warn" word="Waits for the store" />
  if (state === 'failing') return <StateWord mark="bad" word="Fails" />
  if (state === 'starting') return <StateWord mark="busy" word="Starting" />
  const isSlow = (lastPass?.durationMs ?? 0) > SLOW_CYCLE_MS
  return isSlow ? <StateWord mark="warn" word="Answers slowly" /> : <StateWord mark="ok" word="Answers" />
}

/** `of` is what a message begins with, `name` what a sentence does. */
function FailureText({
  of,
  name,
  failure,
  isOver,
}: {
  of: string
  name: string
  failure: Failure
  isOver: boolean
}): JSX.Element {
  const { formatter } = useKnown()
  const { verb, past, why, todo, detail } = failureWords(of, failure.message)
  const when = formatter.when(failure.sinceMs)
  return (
    <>
      {isOver ? `${when}: ${name} ${past}.` : `${name} ${verb} since ${when}.`}
      {[why, isOver ? '' : todo].filter(Boolean).map((words) => ` ${words}`)}
      <Detail text={withTimes(detail, formatter.when)} />
    </>
  )
}

function LastError({ device }: { device: DeviceDetail }): JSX.Element {
  const { status } = useKnown()
  const { name, failure, lastFailure } = device
  if (isWaitingForStore(device, status.store)) return <span class="dim">none of its own: see Store</span>
  const last = failure ?? (lastFailure?.of === 'store' ? undefined : lastFailure)
  if (last === undefined) return <span class="dim">none since the start</span>
  return <FailureText of={name} name="It" failure={last} isOver={failure === undefined} />
}

function Lag({ device: { storedUntilMs } }: { device: DeviceDetail }): JSX.Element {
  const { live, formatter, status } = useKnown()
  if (storedUntilMs === undefined) return <span class="dim">nothing stored yet</span>
  const ageMs = live.nowMs.value - storedUntilMs
  const age = ageText(ageMs)
  return (
    <>
      {ageMs > status.maxAgeMs ? <StateWord mark="warn" word={age} /> : age},{' '}
      <span class="dim">newest stored {formatter.when(storedUntilMs - MINUTE_MS)}</span>
    </>
  )
}

function LastCycle({ device: { lastPass } }: { device: DeviceDetail }): JSX.Element {
  const { formatter } = useKnown()
  if (lastPass === undefined) return <span class="dim">none yet</span>
  return (
    <>
      {formatter.when(lastPass.endedAtMs)}, {count(lastPass.rowCount, 'row')} in {lengthText(lastPass.durationMs)}
    </>
  )
}

function Load({ device: { load } }: { device: DeviceDetail }): JSX.Element {
  return <LoadLine load={load} />
}

function BackfillRow({ device: { history, stored } }: { device: DeviceDetail }): JSX.Element {
  const { live, formatter } = useKnown()
  const { state, isPaused, doneMinutes, totalMinutes, untilMs, leftMs } = history
  if (state === 'done') return <>Complete{stored ? ` from ${formatter.day(stored.fromMs)}` : ''}</>
  if (state === 'waiting' && !isPaused) return <span class="dim">waits for the first sync</span>
  const percent = Math.floor((100 * doneMinutes) / Math.max(1, totalMinutes))
  const days = Math.ceil(((totalMinutes - doneMinutes) * MINUTE_MS) / DAY_MS)
  return (
    <>
      <span
        class="prog"
        role="progressbar"
        aria-valuenow={percent}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-label="Backfill"
      >
        <i style={{ width: `${percent}%` }} />
      </span>
      {percent}
      {THIN_SPACE}%{untilMs === undefined ? '' : `, at ${formatter.day(untilMs)}`}; {count(days, 'day')} to go
      {isPaused ? ', paused' : leftMs === undefined ? '' : `, done about ${formatter.when(live.nowMs.value + leftMs)}`}
    </>
  )
}

function ClockText({ aheadMs }: { aheadMs: number | undefined }): JSX.Element {
  if (aheadMs === undefined) return <span class="dim">–</span>
  const word = clockWords(aheadMs)
  return Math.abs(aheadMs) > CLOCK_APART_MS ? <StateWord mark="warn" word={word} /> : <>{word}</>
}

function DeviceClock({ device: { clockAheadMs } }: { device: DeviceDetail }): JSX.Element {
  return <ClockText aheadMs={clockAheadMs} />
}

function Firmware({ device: { version, startedAtMs } }: { device: DeviceDetail }): JSX.Element {
  const { live } = useKnown()
  return (
    <>
      {version ?? '–'}
      {startedAtMs === undefined ? '' : `, up ${lengthText(live.nowMs.value - startedAtMs)}`}
    </>
  )
}

function Channels({ device: { channels } }: { device: DeviceDetail }): JSX.Element {
  const { configured, listed, missing } = channels
  const text = listed === undefined ? `${configured} copied` : `${configured} of ${listed} copied`
  if (missing.length === 0) return <>{text}</>
  return <StateWord mark="warn" word={`${text}; the device does not list ${missing.join(', ')}`} />
}

function StoreState({ store: { state } }: { store: Store }): JSX.Element {
  if (state === 'failing') return <StateWord mark="bad" word="Fails" />
  return state === 'starting' ? <StateWord mark="busy" word="Starting" /> : <StateWord mark="ok" word="Answers" />
}

function StoreError({ store: { failure, lastFailure } }: { store: Store }): JSX.Element {
  const last = failure ?? lastFailure
  if (last === undefined) return <span class="dim">none since the start</span>
  return <FailureText of="" name="It" failure={last} isOver={failure === undefined} />
}

function StoreTimes({ store: { writeMs, readMs } }: { store: Store }): JSX.Element {
  const times = [
    writeMs === undefined ? [] : [`write ${grouped(writeMs)} ms`],
    readMs === undefined ? [] : [`read ${grouped(readMs)} ms`],
  ].flat()
  return <span class="dim">{times.length === 0 ? '–' : `${times.join(', ')}, median`}</span>
}

function StoreRetention({ store: { retainsFromMs } }: { store: Store }): JSX.Element {
  const { formatter } = useKnown()
  return (
    <span class="dim">
      {retainsFromMs === undefined
        ? 'retention not told'
        : retainsFromMs <= 0
          ? 'keeps everything'
          : `keeps from ${formatter.day(retainsFromMs)}`}
    </span>
  )
}

function StoreClock({ store: { clockAheadMs } }: { store: Store }): JSX.Element {
  return <ClockText aheadMs={clockAheadMs} />
}

function StoreVersion({ store: { name } }: { store: Store }): JSX.Element {
  return <>{splitStore(name).kind}</>
}

function StoreSeries({ store: { seriesCount } }: { store: Store }): JSX.Element {
  return <>{seriesCount === undefined ? '–' : count(seriesCount, 'series', 'series')}</>
}

const HEIGHT_PX = 30
const HOUR_MINUTES = 60
/** The line of what is allowed stands below the top. */
const HEADROOM = 1.2

/** The share of the time that we keep the device busy, beside what is allowed. */
function LoadLine({ load: { allowedShare, share, minutes } }: { load: DeviceDetail['load'] }): JSX.Element {
  const widthPx = useIsPhone() ? 136 : 220
  const top = Math.max(allowedShare * 1000 * HEADROOM, ...minutes)
  const y = (thousandths: number) => HEIGHT_PX - 2 - (thousandths / top) * (HEIGHT_PX - 4)
  const allowedY = y(allowedShare * 1000)
  const firstMinute = HOUR_MINUTES - minutes.length
  const path = linePath(minutes, (index) => ((firstMinute + index) / (HOUR_MINUTES - 1)) * widthPx, y)
  return (
    <>
      <svg
        class="load"
        width={widthPx}
        height={HEIGHT_PX}
        viewBox={`0 0 ${widthPx} ${HEIGHT_PX}`}
        role="img"
        aria-label="share of the time that we kept the device busy, last hour"
      >
        <line x1={0} y1={allowedY} x2={widthPx} y2={allowedY} stroke="var(--edge)" shape-rendering="crispEdges" />
        <path d={path} fill="none" stroke="var(--ink)" stroke-width={1.2} />
        <line
          x1={0}
          y1={HEIGHT_PX - 2}
          x2={widthPx}
          y2={HEIGHT_PX - 2}
          stroke="var(--rule)"
          shape-rendering="crispEdges"
        />
      </svg>
      {share === undefined ? UNKNOWN : `${shareText(share, 1)} of the last hour`}, line: {shareText(allowedShare, 1)}{' '}
      allowed
    </>
  )
}

/** `VictoriaMetrics at https://…`, `embedded store in /data/…`: what it is, and where. */
export function splitStore(name: string): { readonly kind: string; readonly place: string } {
  const [, kind = name, place = ''] = /^(.*?) (?:at|in) (.*)$/.exec(name) ?? []
  return { kind: `${kind.charAt(0).toUpperCase()}${kind.slice(1)}`, place }
}
