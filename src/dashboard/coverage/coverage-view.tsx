import type { JSX } from 'preact'
import {
  type Coverage,
  type DayCoverage,
  isChannelCoverage,
  isCoverage,
  isDayCoverage,
  type Status,
} from '../api/answers.ts'
import { readRuns, STATE, stateName } from '../chart/runs.ts'
import { useIsPhone } from '../chart/use-width.ts'
import { FailingPart, MisreadLine } from '../page/failing-part.tsx'

import { NumberTable } from '../page/number-table.tsx'
import { useKnown } from '../page/page.ts'
import { Part } from '../page/part.tsx'
import { misreadChoice, misreadDates, readDate } from '../page/read-query.ts'
import { useAnswer } from '../page/use-answer.ts'
import { Waiting } from '../page/waiting.tsx'
import { dateText, MINUTE_MS, parseDate } from '../text/house-time.ts'
import { count, grouped, THIN_SPACE, UNKNOWN } from '../text/number.ts'
import { dateName, shortDayText, type Formatter } from '../text/time.ts'
import { CellBox } from './cell-box.tsx'
import { ChannelsGrid } from './channels-grid.tsx'
import { DayGrid } from './day-grid.tsx'
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
  const of = `device=${encodeURIComponent(device)}`
  const channels = useAnswer(
    device === '' ? undefined : `/api/v1/coverage/channels?${of}&until=${until}&days=${dayCount}`,
    isChannelCoverage,
    version,
  )
  const channelPart = channel === undefined ? '' : `&channel=${encodeURIComponent(channel)}`
  const day = useAnswer(
    device === '' ? undefined : `/api/v1/coverage/day?${of}&date=${date}${channelPart}`,
    isDayCoverage,
    version,
  )
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
  const middle = new Date(Date.parse(`${chosen}T00:00Z`) + Math.floor(dayCount / 2) * 86_400_000)
    .toISOString()
    .slice(0, 10)
  return middle > today ? today : middle
}

const KEYS = [
  [STATE.stored, 'stored'],
  [STATE.legacy, 'stored by an earlier program, off the minute'],
  [STATE.missing, 'missing, can be copied'],
  [STATE.notLoaded, 'not loaded yet'],
  [STATE.unmeasured, 'the device did not measure'],
] as const

function CoverageKeys(): JSX.Element {
  return (
    <ul class="keys coverage-keys">
      {KEYS.map(([state, label]) => (
        <li key={state}>
          <svg width="22" height="12" aria-hidden="true">
            <CellBox state={state} x={0} y={1} width={22} height={10} />
          </svg>
          {label}
        </li>
      ))}
      <li>
        <svg width="22" height="12" aria-hidden="true">
          <CellBox state={STATE.stored} offShare={0.3} x={0} y={1} width={22} height={10} />
        </svg>
        stored, but for an outage of the device
      </li>
    </ul>
  )
}

const DAY_MINUTES = 1440

function CoverageSentence({ coverage }: { coverage: Coverage | undefined }): JSX.Element {
  const { live, status, formatter } = useKnown()
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
      {loadingText(status, { coverage, formatter, nowMs: live.nowMs.value })}
    </p>
  )
}

/** With one decimal, and never 100 % while one minute is not there. */
export function storedShare({
  storedMinutes,
  wantedMinutes,
}: Pick<Coverage, 'storedMinutes' | 'wantedMinutes'>): string {
  if (wantedMinutes === 0) return UNKNOWN
  const tenths = Math.floor((1000 * storedMinutes) / wantedMinutes)
  return `${storedMinutes >= wantedMinutes ? '100' : (tenths / 10).toFixed(1)}${THIN_SPACE}%`
}

function loadingText(
  status: Status,
  { coverage, formatter, nowMs }: { coverage: Coverage; formatter: Formatter; nowMs: number },
): string {
  const loading = status.devices.filter(({ history }) => history.state === 'loading' && !history.isPaused)
  const left = loading.flatMap(({ history }) => history.leftMs ?? [])
  const days = count(Math.ceil(coverage.notLoadedMinutes / DAY_MINUTES), 'day')
  if (coverage.notLoadedMinutes === 0) return ''
  const until = left.length > 0 ? `, until about ${formatter.when(nowMs + Math.max(...left))}` : ''
  const names = loading.map(({ name }) => name).join(' and ')
  return loading.length === 0 ? `${days} are not loaded yet.` : `${days} of ${names} are being loaded${until}.`
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
