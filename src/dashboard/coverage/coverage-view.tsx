import type { JSX } from 'preact'
import { isChannelCoverage, isCoverage, isDayCoverage } from '../api/answers.ts'
import { useIsPhone } from '../chart/use-width.ts'
import { FailingPart } from '../page/failing-part.tsx'
import { MisreadLine } from '../page/misread-line.tsx'
import { useKnown } from '../page/page.ts'
import { Part } from '../page/part.tsx'
import { misreadChoice, misreadDates, readDate } from '../page/read-query.ts'
import { useAnswer } from '../page/use-answer.ts'
import { Waiting } from '../page/waiting.tsx'
import { dateText, parseDate } from '../text/house-time.ts'
import { count } from '../text/number.ts'
import { dateName, shortDayText } from '../text/time.ts'
import { ChannelsGrid } from './channels-grid.tsx'
import { CoverageKeys } from './coverage-keys.tsx'
import { CoverageSentence } from './coverage-sentence.tsx'
import { DayGrid } from './day-grid.tsx'
import { DayTable } from './day-table.tsx'
import { Holes } from './holes.tsx'
import { YearsGrid } from './years-grid.tsx'

const DAYS = { wide: 55, phone: 28 }

/** Is anything missing, and can it be had back? */
export function CoverageView(): JSX.Element {
  const { router, live, status, telling, house, isStandIn } = useKnown()
  const { query } = router.route.value
  const isPhone = useIsPhone()
  const version = live.changes.value + live.passes.value
  const coverage = useAnswer('/api/v1/coverage', isCoverage, version)
  const now = telling.time.local(live.nowMs.value)
  const today = dateText(now)
  const answer = coverage.answer
  const worst = answer?.holes[0]
  const names = status.devices.map(({ name }) => name)
  const device = names.find((name) => name === query.get('device')) ?? worst?.device ?? names[0] ?? ''
  const worstDate = worst?.device === device ? dateText(telling.time.local(worst.fromMs)) : today
  const askedDate = readDate(query, 'date')
  const date = askedDate ?? worstDate
  const until = readDate(query, 'until') ?? askedDate ?? today
  const ids = house.channels.flatMap((one) => (one.device === device ? [one.id] : []))
  const channel = ids.find((id) => id === query.get('channel'))
  const misread = [
    ...misreadDates(query, 'date', 'until'),
    ...(isStandIn ? [] : [...misreadChoice(query, 'device', names), ...misreadChoice(query, 'channel', ids)]),
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
        <Holes coverage={answer} />
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
