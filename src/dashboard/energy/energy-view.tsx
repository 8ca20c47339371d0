import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { isConsumers, isEnergy, isHours, type Energy, type HoursOfDay, type Span } from '../api/answers.ts'
import { FailingPart } from '../page/failing-part.tsx'
import { Swatch } from '../page/glyph.tsx'
import { HouseRemarks } from '../page/house-remarks.tsx'
import { MisreadLine } from '../page/misread-line.tsx'
import { useKnown } from '../page/page.ts'
import { Part } from '../page/part.tsx'
import { misreadChoice, misreadDates, readDate } from '../page/read-query.ts'
import { energyQuestions, readSpan, SPANS } from '../page/route.ts'
import { useAnswer } from '../page/use-answer.ts'
import { Waiting } from '../page/waiting.tsx'
import { dateText } from '../text/house-time.ts'
import { Bars } from './bars.tsx'
import { BarsTable } from './bars-table.tsx'
import { Consumers } from './consumers.tsx'
import { BY_CIRCUITS, BY_GROUPS } from './group-consumers.ts'
import { HoursMap } from './hours-map.tsx'
import { HoursTable } from './hours-table.tsx'
import { barName, beforeName, comparable, comparison, spanTitle, stepDate } from './period.ts'
import { SixFigures } from './six-figures.tsx'

const BARS: Readonly<Record<Span, string>> = { day: 'Hour', month: 'Day', year: 'Month', all: 'Year' }

/** How much, and is that more than before? */
export function EnergyView(): JSX.Element {
  const { router, live, telling, place, house, isStandIn } = useKnown()
  const { query } = router.route.value
  const questions = energyQuestions(query)
  const span = readSpan(query)
  const today = dateText(telling.time.local(live.nowMs.value))
  const date = readDate(query, 'date') ?? today
  const groupings = [BY_GROUPS, BY_CIRCUITS, ...house.labelNames]
  const misread = [
    ...misreadDates(query, 'date'),
    ...misreadChoice(query, 'span', SPANS),
    ...(isStandIn ? [] : misreadChoice(query, 'by', groupings)),
  ]
  const version = live.changes.value + live.passes.value
  const energy = useAnswer(questions.energy, isEnergy, version)
  const consumers = useAnswer(questions.consumers, isConsumers, version)
  const hours = useAnswer(questions.hours, isHours, version)
  const knownDays = fromFirstKnown(hours.answer?.days ?? [])
  const [isTable, setIsTable] = useState(false)
  const answer = energy.answer && comparable(energy.answer)

  return (
    <section aria-label="Energy">
      <Tools span={span} date={date} today={today} energy={answer}>
        <button class="btn" aria-pressed={isTable} onClick={() => setIsTable(!isTable)}>
          Table
        </button>
        <a class="btn" href={place.at(questions.csv)} download>
          CSV
        </a>
      </Tools>
      <MisreadLine misread={misread} shown={spanTitle(span, date)} />
      <Waiting asked={energy} what={spanTitle(span, date)} />
      <SixFigures energy={answer} />
      <HouseRemarks />
      <div class="bar">
        <h2>By {barName(span)}</h2>
        <ul class="keys">
          {house.hasMains && house.hasSolar && (
            <li>
              <Swatch of="solar" />
              Solar used in the house
            </li>
          )}
          {house.hasMains && (
            <li>
              <Swatch of="import" />
              From the grid
            </li>
          )}
          {house.hasMains && house.hasSolar && (
            <li>
              <Swatch of="export" />
              To the grid, below zero
            </li>
          )}
          {answer?.before && (
            <li>
              <Swatch of="house" />
              {house.hasMains ? 'House' : 'Circuits'}, {beforeName(answer)}
            </li>
          )}
        </ul>
      </div>
      <FailingPart>{isTable ? <BarsTable energy={answer} /> : <Bars energy={answer} />}</FailingPart>
      <div class="cols energy">
        <div>
          <Waiting asked={consumers} what="consumers" />
          <FailingPart>
            <Consumers consumers={consumers.answer} />
          </FailingPart>
        </div>
        <div>
          <Part
            title="When"
            sub={`${house.hasMains ? 'house' : 'all circuits'}, mean of each hour, kW`}
            table={() => <HoursTable days={knownDays} />}
          >
            <Waiting asked={hours} what="hours" />
            {hours.answer && <HoursMap days={knownDays} />}
          </Part>
        </div>
      </div>
    </section>
  )
}

/** The days from the first one of which anything is known. */
function fromFirstKnown(days: readonly HoursOfDay[]): readonly HoursOfDay[] {
  const first = days.findIndex(({ watts }) => watts.some((value) => value !== null))
  return first < 0 ? [] : days.slice(first)
}

interface ToolsProps {
  readonly span: Span
  readonly date: string
  readonly today: string
  readonly energy: Energy | undefined
  readonly children: readonly JSX.Element[]
}

function Tools({ span, date, today, energy: shown, children }: ToolsProps): JSX.Element {
  const { router, server, telling } = useKnown()
  const earlier = stepDate(span, date, -1)
  const later = stepDate(span, date, 1)
  const fetchAhead = (to: string | undefined) => () => {
    if (to === undefined) return
    const { energy, consumers, hours } = energyQuestions(new URLSearchParams({ span, date: to }))
    const asks = [server.ask(energy, isEnergy), server.ask(consumers, isConsumers), server.ask(hours, isHours)]
    Promise.all(asks).catch(() => undefined)
  }
  const step = (to: string | undefined) => () => router.set({ date: to })
  return (
    <div class="tools">
      <div class="seg" role="group" aria-label="One bar is">
        {SPANS.map((name) => (
          <button key={name} aria-pressed={name === span} onClick={() => router.set({ span: name })}>
            {BARS[name]}
          </button>
        ))}
      </div>
      <div class="step">
        <button
          class="btn"
          aria-label={earlier === undefined ? 'Earlier' : spanTitle(span, earlier)}
          disabled={earlier === undefined}
          onPointerEnter={fetchAhead(earlier)}
          onClick={step(earlier)}
        >
          ←
        </button>
        <span class="when">{spanTitle(span, date)}</span>
        <button
          class="btn"
          aria-label={later === undefined ? 'Later' : spanTitle(span, later)}
          disabled={later === undefined || later > today}
          onPointerEnter={fetchAhead(later)}
          onClick={step(later)}
        >
          →
        </button>
      </div>
      <span class="dim">{shown && comparison(shown, telling)}</span>
      <span class="end">{children}</span>
    </div>
  )
}
