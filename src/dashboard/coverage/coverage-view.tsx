import type { JSX } from 'preact'
import { type Coverage, type DayCoverage, isChannelCoverage, isCoverage, isDayCoverage } from '../api/answers.ts'
import { readRuns, STATE, stateName } from '../chart/runs.ts'
import { useIsPhone } from '../chart/use-width.ts'
import { useKnown } from '../page/page.ts'
import { FailingPart, NumberTable, Part } from '../page/part.tsx'
import { misreadChoice, misreadDates, MisreadLine, readDate } from '../page/read-query.tsx'
import { useAnswer, Waiting } from '../page/use-answer.tsx'
import { addDays, dateText, MINUTE_MS, parseDate } from '../text/house-time.ts'
import { count, grouped, THIN_SPACE, UNKNOWN } from '../text/number.ts'
import { dateName, daysText, shortDayText } from '../text/time.ts'
import { CellBox } from './cell-box.tsx'
import { ChannelsGrid, DayGrid } from './device-grids.tsx'
import { Gaps } from './gaps.tsx'
import { YearsGrid } from './years-grid.tsx'

const DAYS = { wide: 55, phone: 28 }

/** Is anything missing, and can it be had back? */
export function CoverageView(): JSX.Element {
  const { router, live, status, formatter, house, isPlaceholder } = useKnown()
  const { query } = router.route.value
  const isPhone = useIsPhone()
  const version = live.changes.value + live.cycles.value
  const coverage = useAnswer('/api/v1/coverage', isCoverage, version)
  const now = formatter.time.local(live.nowMs.value)
  const today = dateText(now)
  const answer = coverage.answer
  const worst = answer?.holes[0]
  const names = status.devices.map(({ name }) => name)
  const device = names.find((name) => name === query.get('device')) ?? worst?.device ?? names[0] ?? ''
  const worstDate = worst?.device === device ? dateText(formatter.time.local(worst.fromMs)) : today
  const askedDate = readDate(query, 'date')
  const date = askedDate ?? worstDate
  const until = readDate(query, 'until') ?? askedDate ?? today
  const ids = house.channels.flatMap((one) => (one.device === device ? [one.id] : []))
  const channel = ids.find((id) => id === query.get('channel'))
  const misread = [
    ...misreadDates(query, 'date', 'until'),
    ...(isPlaceholder ? [] : [...misreadChoice(query, 'device', names), ...misreadChoice(query, 'channel', ids)]),
  ]
  const dayCount = isPhone ? DAYS.phone : DAYS.wide
  const pathOf = (what: string, asked: string) =>
    device === '' ? undefined : `/api/v1/coverage/${what}?device=${encodeURIComponent(device)}&${asked}`
  const channels = useAnswer(pathOf('channels', `until=${until}&days=${dayCount}`), isChannelCoverage, version)
  const channelPart = channel === undefined ? '' : `&channel=${encodeURIComponent(channel)}`
  const day = useAnswer(pathOf('day', `date=${date}${channelPart}`), isDayCoverage, version)
  const minutes = day.answer
  const job = [...live.jobs.value.values()].find((one) => one.device === device && one.state === 'running')

  return (
    <section aria-label="Coverage">
      <MisreadLine misread={misread} shown={`${dateName(date, now.year)} of ${channel ?? device}`} />
      <Waiting asked={coverage} what="all years" />
      <CoverageSentence coverage={answer} />
      <CoverageKeys />
      <FailingPart>
        <Gaps coverage={answer} />
      </FailingPart>
      <Part
        title="All years"
        sub={`one row a year, one cell a ${isPhone ? 'week' : 'day'}; what is missing decides, a notch is an outage of the device`}
      >
        {answer && (
          <YearsGrid
            devices={answer.devices}
            today={today}
            onChoose={(name, chosen) =>
              router.set({ device: name, date: chosen, until: lastShown(chosen, today, dayCount), channel: undefined })
            }
          />
        )}
      </Part>
      <div class="cols cov">
        <div>
          <Part
            title="Channels"
            sub={`${device}, ${count(dayCount, 'day')} to ${shortDayText(parseDate(until), now.year)}`}
          >
            <Waiting asked={channels} what="channels" />
            {channels.answer && (
              <ChannelsGrid
                coverage={channels.answer}
                date={date}
                onChoose={(id, chosen) => router.set({ device, date: chosen, until, channel: id }, { replaces: true })}
              />
            )}
          </Part>
        </div>
        <div>
          <Part
            title={`${dateName(date, now.year)}, ${device}, ${channel ?? 'all channels'}`}
            sub="one square a minute"
            end={
              channel !== undefined && (
                <button class="btn quiet" onClick={() => router.set({ channel: undefined }, { replaces: true })}>
                  all channels
                </button>
              )
            }
            table={minutes && (() => <DayTable day={minutes} />)}
          >
            <Waiting asked={day} what="the minutes of the day" />
            {minutes && <DayGrid day={minutes} job={job} />}
          </Part>
        </div>
      </div>
    </section>
  )
}

/** The chosen day stands in the middle of the channels, where there are later days. */
function lastShown(chosen: string, today: string, dayCount: number): string {
  const middle = addDays(chosen, Math.floor(dayCount / 2))
  return middle > today ? today : middle
}

const KEYS = [
  { state: STATE.stored, label: 'stored' },
  { state: STATE.legacy, label: 'stored by an earlier program, off the minute' },
  { state: STATE.missing, label: 'missing, can be copied' },
  { state: STATE.notLoaded, label: 'not loaded yet' },
  { state: STATE.unmeasured, label: 'the device did not measure' },
  { state: STATE.stored, offShare: 0.3, label: 'stored, but for an outage of the device' },
]

function CoverageKeys(): JSX.Element {
  return (
    <ul class="keys coverage-keys">
      {KEYS.map(({ label, ...cell }) => (
        <li key={label}>
          <svg width="22" height="12" aria-hidden="true">
            <CellBox {...cell} x={0} y={1} width={22} height={10} />
          </svg>
          {label}
        </li>
      ))}
    </ul>
  )
}

function CoverageSentence({ coverage }: { coverage: Coverage | undefined }): JSX.Element {
  if (coverage === undefined) return <p class="lead">{UNKNOWN}</p>
  const { missingMinutes } = coverage
  return (
    <p class="lead">
      <b>{storedShare(coverage)}</b> of the expected minutes are stored.{' '}
      {missingMinutes === 0 ? (
        'Nothing is missing that could be copied.'
      ) : (
        <>
          <b>{`${grouped(missingMinutes)}${THIN_SPACE}min`}</b> are missing and can be copied.
        </>
      )}{' '}
      {coverage.notLoadedMinutes > 0 && <LoadingText days={daysText(coverage.notLoadedMinutes)} />}
    </p>
  )
}

/** With one decimal, and never 100 % while one minute is not there. */
export function storedShare(coverage: Pick<Coverage, 'storedMinutes' | 'wantedMinutes'>): string {
  const { storedMinutes, wantedMinutes } = coverage
  if (wantedMinutes === 0) return UNKNOWN
  const tenths = Math.floor((1000 * storedMinutes) / wantedMinutes)
  return `${storedMinutes >= wantedMinutes ? '100' : (tenths / 10).toFixed(1)}${THIN_SPACE}%`
}

function LoadingText({ days }: { days: string }): JSX.Element {
  const { live, status, formatter } = useKnown()
  const loading = status.devices.filter(({ history }) => history.state === 'loading' && !history.isPaused)
  const left = loading.flatMap(({ history }) => history.leftMs ?? [])
  if (loading.length === 0) return <>{days} are not loaded yet.</>
  const until = left.length > 0 ? `, until about ${formatter.when(live.nowMs.value + Math.max(...left))}` : ''
  const names = loading.map(({ name }) => name).join(' and ')
  return (
    <>
      {days} of {names} are being loaded{until}.
    </>
  )
}

/** The minutes of a day as a list of what they are. */
function DayTable({ day }: { day: DayCoverage }): JSX.Element {
  const { formatter } = useKnown()
  const at = (minute: number) => formatter.at(day.fromMs + minute * MINUTE_MS)
  const rows = readRuns(day.runs)
    .filter(({ state, from, until }) => state !== STATE.unwanted && until > from)
    .map(({ state, from, until }) => ({
      key: from,
      name: `${at(from)} to ${at(until)}`,
      cells: [grouped(until - from), stateName(state)],
    }))
  return (
    <NumberTable
      label="Table of the day"
      unit="minutes"
      corner="When"
      columns={['Minutes', 'State']}
      rows={rows}
      isTall
    />
  )
}
