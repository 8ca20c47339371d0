import type { JSX } from 'preact'
import { useMemo } from 'preact/hooks'
import { type Coverage, type DayCoverage, isChannelCoverage, isCoverage, isDayCoverage } from '../api/answers.ts'
import { readRuns, STATE, stateName } from '../chart/runs.ts'
import { useIsPhone } from '../chart/use-width.ts'
import { useKnown } from '../page/page.ts'
import { useFoundDevices } from '../page/device-finder.tsx'
import { FailingPart, NumberTable, Part } from '../page/part.tsx'
import { readDate } from '../../api/view-questions.ts'
import { misreadChoice, misreadDates, MisreadLine } from '../page/read-query.tsx'
import { useAnswer, Waiting } from '../page/use-answer.tsx'
import { addDays, dateText, MINUTE_MS, parseDate } from '../text/house-time.ts'
import { grouped, listedBriefly, THIN_SPACE, UNKNOWN } from '../text/number.ts'
import { texts } from '../text/texts.ts'
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
  const missing = useMemo(() => new Set(answer?.holes.map((gap) => gap.device)), [answer])
  const { shown, finder } = useFoundDevices(status.devices, missing)
  const shownDays = shown.flatMap(({ name }) => answer?.devices.find((days) => days.name === name) ?? [])
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
    <section aria-label={texts.views.coverage} class={answer && isWell(answer) ? 'calm' : ''}>
      <MisreadLine misread={misread} shown={texts.coverage.dayOf(dateName(date, now.year), channel ?? device)} />
      <Waiting asked={coverage} what={texts.coverage.yearsAsked} />
      <CoverageSentence coverage={answer} />
      <CoverageKeys />
      <FailingPart>
        <Gaps coverage={answer} checked={finder ? [device] : names} />
      </FailingPart>
      {finder}
      <Part title={texts.coverage.allYears} sub={texts.coverage.yearsSub(isPhone)}>
        {answer && (
          <YearsGrid
            devices={finder ? shownDays : answer.devices}
            today={today}
            onChoose={(name, chosen) =>
              router.set({ device: name, date: chosen, until: lastShown(chosen, today, dayCount), channel: undefined })
            }
          />
        )}
      </Part>
      {/* Not before it has its place: nobody knows how many years are above it. */}
      {(answer || coverage.problem !== undefined) && (
        <div class="cols cov">
          <div>
            <Part
              title={texts.channels}
              sub={texts.coverage.channelsSub(device, dayCount, shortDayText(parseDate(until), now.year))}
              end={
                names.length > 1 &&
                (finder ? (
                  <select
                    aria-label={texts.device}
                    value={device}
                    onChange={({ currentTarget }) =>
                      router.set({ device: currentTarget.value, channel: undefined }, { replaces: true })
                    }
                  >
                    {[...new Set([device, ...shown.map(({ name }) => name)])].map((name) => (
                      <option key={name}>{name}</option>
                    ))}
                  </select>
                ) : (
                  <span class="seg" role="group" aria-label={texts.device}>
                    {names.map((name) => (
                      <button
                        key={name}
                        aria-pressed={name === device}
                        onClick={() => router.set({ device: name, channel: undefined }, { replaces: true })}
                      >
                        {name}
                      </button>
                    ))}
                  </span>
                ))
              }
            >
              <Waiting asked={channels} what={texts.coverage.channelsAsked} />
              {channels.answer && (
                <ChannelsGrid
                  coverage={channels.answer}
                  date={date}
                  onChoose={(id, chosen) =>
                    router.set({ device, date: chosen, until, channel: id }, { replaces: true })
                  }
                />
              )}
            </Part>
          </div>
          <div>
            <Part
              title={`${dateName(date, now.year)}, ${device}, ${channel ?? texts.coverage.allChannels}`}
              sub={texts.coverage.oneSquare}
              end={
                channel !== undefined && (
                  <button class="btn quiet" onClick={() => router.set({ channel: undefined }, { replaces: true })}>
                    {texts.coverage.allChannels}
                  </button>
                )
              }
              table={minutes && (() => <DayTable day={minutes} />)}
            >
              <Waiting asked={day} what={texts.coverage.minutesAsked} />
              {minutes && <DayGrid day={minutes} job={job} />}
            </Part>
          </div>
        </div>
      )}
    </section>
  )
}

/** The chosen day stands in the middle of the channels, where there are later days. */
function lastShown(chosen: string, today: string, dayCount: number): string {
  const middle = addDays(chosen, Math.floor(dayCount / 2))
  return middle > today ? today : middle
}

const { keys } = texts.coverage
const KEYS = [
  { state: STATE.stored, label: keys.stored },
  { state: STATE.legacy, label: keys.legacy },
  { state: STATE.missing, label: keys.missing },
  { state: STATE.notLoaded, label: keys.notLoaded },
  { state: STATE.unmeasured, label: keys.unmeasured },
  { state: STATE.stored, offShare: 0.3, label: keys.outage },
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
      <b>{storedShare(coverage)}</b>
      {texts.coverage.stored}{' '}
      {missingMinutes === 0 ? (
        texts.coverage.nothingMissing
      ) : (
        <>
          <b>{`${grouped(missingMinutes)}${THIN_SPACE}${texts.min}`}</b>
          {texts.coverage.missing}
        </>
      )}{' '}
      {coverage.notLoadedMinutes > 0 && <LoadingText days={daysText(coverage.notLoadedMinutes)} />}
    </p>
  )
}

/** Then the colour of what is stored is a quiet one: there is nothing to look for. */
const isWell = ({ missingMinutes, notLoadedMinutes }: Coverage): boolean => missingMinutes + notLoadedMinutes === 0

/** With one decimal, and never 100 % while one minute is not there. */
export function storedShare(coverage: Pick<Coverage, 'storedMinutes' | 'wantedMinutes'>): string {
  const { storedMinutes, wantedMinutes } = coverage
  if (wantedMinutes === 0) return UNKNOWN
  const tenths = Math.floor((1000 * storedMinutes) / wantedMinutes)
  return `${storedMinutes >= wantedMinutes ? '100' : grouped(tenths / 10, 1)}${THIN_SPACE}%`
}

function LoadingText({ days }: { days: string }): JSX.Element {
  const { live, status, formatter } = useKnown()
  const loading = status.devices.filter(({ history }) => history.state === 'loading' && !history.isPaused)
  const left = loading.flatMap(({ history }) => history.leftMs ?? [])
  if (loading.length === 0) return <>{texts.coverage.notLoaded(days)}</>
  const until = left.length > 0 ? texts.coverage.untilAbout(formatter.when(live.nowMs.value + Math.max(...left))) : ''
  const names = listedBriefly(loading.map(({ name }) => name))
  return <>{texts.coverage.loading(days, names, until)}</>
}

/** The minutes of a day as a list of what they are. */
function DayTable({ day }: { day: DayCoverage }): JSX.Element {
  const { formatter } = useKnown()
  const at = (minute: number) => formatter.at(day.fromMs + minute * MINUTE_MS)
  const rows = readRuns(day.runs)
    .filter(({ state, from, until }) => state !== STATE.unwanted && until > from)
    .map(({ state, from, until }) => ({
      key: from,
      name: texts.to(at(from), at(until)),
      cells: [grouped(until - from), stateName(state)],
    }))
  return (
    <NumberTable
      label={texts.coverage.tableOfDay}
      unit={texts.coverage.minutesUnit}
      corner={texts.when}
      columns={[texts.coverage.minutes, texts.coverage.state]}
      rows={rows}
      isTall
    />
  )
}
