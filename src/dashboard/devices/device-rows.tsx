import type { ComponentType, JSX } from 'preact'
import type { DeviceDetail, Devices, Failure } from '../api/answers.ts'
import { linePath, Rule } from '../chart/lines.tsx'
import { useIsPhone } from '../chart/use-width.ts'
import { Glyph, ProgressBar, type Mark } from '../page/glyph.tsx'
import { isWaitingForStore } from '../page/note.ts'
import { useKnown } from '../page/page.ts'
import { Detail } from '../page/part.tsx'
import { capitalized, failureWords, sentences, withTimes } from '../text/failure-words.ts'
import { grouped, inText, percentDone, share, shareText, THIN_SPACE, UNKNOWN } from '../text/number.ts'
import { texts } from '../text/texts.ts'
import { ageText, clockWords, daysText, lengthText } from '../text/time.ts'

type Store = Devices['store']

interface DeviceRow {
  readonly label: string
  readonly Cell: ComponentType<{ device: DeviceDetail }>
  /** What of the store compares with it. */
  readonly StoreCell?: ComponentType<{ store: Store }>
}

/** More than this apart, minutes may be missed at their edges. */
const CLOCK_APART_MS = 30_000
const SLOW_CYCLE_MS = 30_000

/** The state first, the last error in plain words second, so that the odd one stands out. */
export const DEVICE_ROWS: readonly DeviceRow[] = [
  { label: texts.devices.state, Cell: State, StoreCell: ({ store }) => <HealthWord state={store.state} /> },
  { label: texts.devices.lastError, Cell: LastError, StoreCell: StoreError },
  { label: texts.devices.lag, Cell: Lag, StoreCell: StoreTimes },
  { label: texts.devices.lastSync, Cell: LastCycle },
  { label: texts.devices.load, Cell: Load },
  { label: texts.devices.live, Cell: LiveCost },
  { label: texts.devices.backfill, Cell: Backfill, StoreCell: StoreRetention },
  {
    label: texts.devices.clock,
    Cell: ({ device }) => <ClockText aheadMs={device.clockAheadMs} />,
    StoreCell: ({ store }) => <ClockText aheadMs={store.clockAheadMs} />,
  },
  { label: texts.devices.firmware, Cell: Firmware, StoreCell: ({ store }) => <>{splitStore(store.name).kind}</> },
  { label: texts.channels, Cell: Channels, StoreCell: StoreSeries },
]

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
  if (isWaitingForStore(device, status.store)) return <StateWord mark="warn" word={texts.devices.waitsForStore} />
  const isSlow = (lastPass?.durationMs ?? 0) > SLOW_CYCLE_MS
  return state === 'ok' && isSlow ? (
    <StateWord mark="warn" word={texts.devices.answersSlowly} />
  ) : (
    <HealthWord state={state} />
  )
}

function HealthWord({ state }: { state: Store['state'] }): JSX.Element {
  if (state === 'failing') return <StateWord mark="bad" word={texts.devices.fails} />
  return state === 'starting' ? (
    <StateWord mark="busy" word={texts.devices.starting} />
  ) : (
    <StateWord mark="ok" word={texts.devices.answers} />
  )
}

interface FailureTextProps {
  /** What a message may begin with. */
  readonly of: string
  readonly failure: Failure | undefined
  readonly lastFailure: Failure | undefined
}

function FailureText({ of, failure, lastFailure }: FailureTextProps): JSX.Element {
  const { formatter } = useKnown()
  const shown = failure ?? lastFailure
  if (shown === undefined) return <span class="dim">{texts.devices.noError}</span>
  const { verb, past, why, todo } = failureWords(of, shown.message)
  const when = formatter.when(shown.sinceMs)
  return (
    <>
      {failure
        ? sentences(texts.devices.itFails(`${verb}${texts.since(when)}`), why, todo)
        : sentences(texts.devices.failedAt(when, past), why)}
      <Detail text={withTimes(shown.message, formatter.when)} />
    </>
  )
}

function LastError({ device }: { device: DeviceDetail }): JSX.Element {
  const { status } = useKnown()
  const { name, failure, lastFailure } = device
  if (isWaitingForStore(device, status.store)) return <span class="dim">{texts.devices.noOwnError}</span>
  return <FailureText of={name} failure={failure} lastFailure={lastFailure?.of === 'store' ? undefined : lastFailure} />
}

function StoreError({ store: { failure, lastFailure } }: { store: Store }): JSX.Element {
  return <FailureText of="" failure={failure} lastFailure={lastFailure} />
}

function Lag({ device: { storedUntilMs } }: { device: DeviceDetail }): JSX.Element {
  const { live, formatter, status } = useKnown()
  if (storedUntilMs === undefined) return <span class="dim">{texts.nothingStoredYet}</span>
  const ageMs = live.nowMs.value - storedUntilMs
  const age = ageText(ageMs)
  return (
    <>
      {ageMs > status.maxAgeMs ? <StateWord mark="warn" word={age} /> : age},{' '}
      <span class="dim">{`${texts.timeline.dataTo} ${formatter.when(storedUntilMs)}`}</span>
    </>
  )
}

function LastCycle({ device: { lastPass } }: { device: DeviceDetail }): JSX.Element {
  const { formatter } = useKnown()
  if (lastPass === undefined) return <span class="dim">{texts.devices.noSync}</span>
  return (
    <>{texts.devices.synced(formatter.when(lastPass.endedAtMs), lastPass.rowCount, lengthText(lastPass.durationMs))}</>
  )
}

/** What it costs the device to be asked for its present watts. */
function LiveCost({ device: { live } }: { device: DeviceDetail }): JSX.Element {
  if (live === undefined) return <span class="dim">{texts.devices.liveOff}</span>
  const interval = texts.devices.everySeconds(grouped(live.intervalMs / 1000))
  return (
    <>
      {interval}
      {live.share === undefined ? '' : `, ${texts.devices.ofItsTime(inText(share(live.share, 1, 1)))}`}{' '}
      <span class="dim">{texts.devices.whilePageOpen}</span>
    </>
  )
}

function Backfill({ device: { history, stored } }: { device: DeviceDetail }): JSX.Element {
  const { live, formatter } = useKnown()
  const { state, isPaused, doneMinutes, totalMinutes, untilMs, leftMs } = history
  if (state === 'done')
    return <>{stored ? texts.devices.completeFrom(formatter.day(stored.fromMs)) : texts.devices.complete}</>
  if (state === 'waiting' && !isPaused) return <span class="dim">{texts.devices.waitsForSync}</span>
  const percent = percentDone(doneMinutes, totalMinutes)
  return (
    <>
      <ProgressBar percent={percent} label={texts.devices.backfill} />
      {percent}
      {THIN_SPACE}%{untilMs === undefined ? '' : texts.devices.atDay(formatter.day(untilMs))};{' '}
      {texts.devices.toGo(daysText(totalMinutes - doneMinutes))}
      {isPaused
        ? texts.devices.paused
        : leftMs === undefined
          ? ''
          : texts.notes.doneAbout(formatter.when(live.nowMs.value + leftMs))}
    </>
  )
}

function ClockText({ aheadMs }: { aheadMs: number | undefined }): JSX.Element {
  if (aheadMs === undefined) return <span class="dim">–</span>
  const word = clockWords(aheadMs)
  return Math.abs(aheadMs) > CLOCK_APART_MS ? <StateWord mark="warn" word={word} /> : <>{word}</>
}

function Firmware({ device: { version, startedAtMs } }: { device: DeviceDetail }): JSX.Element {
  const { live } = useKnown()
  return (
    <>
      {version ?? '–'}
      {startedAtMs === undefined ? '' : texts.devices.up(lengthText(live.nowMs.value - startedAtMs))}
    </>
  )
}

function Channels({ device: { channels } }: { device: DeviceDetail }): JSX.Element {
  const { configured, listed, missing } = channels
  const text = listed === undefined ? texts.devices.copied(configured) : texts.devices.copiedOf(configured, listed)
  if (missing.length === 0) return <>{text}</>
  return <StateWord mark="warn" word={texts.devices.notListed(text, missing.join(', '))} />
}

function StoreTimes({ store: { writeMs, readMs } }: { store: Store }): JSX.Element {
  const times = [
    ...(writeMs === undefined ? [] : [texts.devices.write(`${grouped(writeMs)} ${texts.ms}`)]),
    ...(readMs === undefined ? [] : [texts.devices.read(`${grouped(readMs)} ${texts.ms}`)]),
  ]
  return <span class="dim">{times.length === 0 ? UNKNOWN : texts.devices.median(times.join(', '))}</span>
}

function StoreRetention({ store: { retainsFromMs } }: { store: Store }): JSX.Element {
  const { formatter } = useKnown()
  if (retainsFromMs === undefined) return <span class="dim">{texts.devices.retentionUnknown}</span>
  return (
    <span class="dim">
      {retainsFromMs <= 0 ? texts.devices.keepsAll : texts.devices.keepsFrom(formatter.day(retainsFromMs))}
    </span>
  )
}

function StoreSeries({ store: { seriesCount } }: { store: Store }): JSX.Element {
  return <>{seriesCount === undefined ? '–' : texts.devices.series(seriesCount)}</>
}

const HEIGHT_PX = 30
const HOUR_MINUTES = 60
/** The line of what is allowed stands below the top. */
const HEADROOM = 1.2

/** The share of the time that we keep the device busy, beside what is allowed. */
function Load({ device }: { device: DeviceDetail }): JSX.Element {
  const { allowedShare, share, minutes } = device.load
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
        aria-label={texts.devices.loadLabel}
      >
        <Rule x1={0} y1={allowedY} x2={widthPx} y2={allowedY} tone="edge" />
        <path d={path} fill="none" stroke="var(--ink)" stroke-width={1.2} />
        <Rule x1={0} y1={HEIGHT_PX - 2} x2={widthPx} y2={HEIGHT_PX - 2} />
      </svg>
      {share === undefined ? UNKNOWN : texts.devices.ofLastHour(shareText(share, 1))},{' '}
      {texts.devices.allowed(shareText(allowedShare, 1))}
    </>
  )
}

/** `VictoriaMetrics at https://…`, `embedded store in /data/…`: what it is, and where. */
export function splitStore(name: string): { readonly kind: string; readonly place: string } {
  const [, kind = name, place = ''] = /^(.*?) (?:at|in) (.*)$/.exec(name) ?? []
  return { kind: capitalized(kind), place }
}
