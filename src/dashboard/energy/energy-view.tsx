import type { JSX } from 'preact'
import { useMemo, useState } from 'preact/hooks'
import {
  type Energy,
  type HoursOfDay,
  isConsumers,
  isCosts,
  isEnergy,
  isHours,
  isTariffs,
  type Span,
} from '../api/answers.ts'
import { Legend } from '../chart/captions.tsx'
import { HouseRemarks } from '../page/house-remarks.tsx'
import { NoTariff } from '../page/no-tariff.tsx'
import { useKnown } from '../page/page.ts'
import { FailingPart, NumberTable, Part } from '../page/part.tsx'
import { misreadChoice, misreadDates, MisreadLine } from '../page/read-query.tsx'
import {
  canChooseComparison,
  COMPARISONS,
  energyQuestions,
  readDate,
  readSpan,
  SPANS,
  TARIFFS,
} from '../../api/view-questions.ts'
import { useAnswer, Waiting } from '../page/use-answer.tsx'
import { dateText } from '../text/house-time.ts'
import { energy as energyFigure, UNKNOWN, rounded } from '../text/number.ts'
import { texts } from '../text/texts.ts'
import { dateName } from '../text/time.ts'
import { Bars } from './bars.tsx'
import { Consumers } from './consumers.tsx'
import { CostBars, CostTable } from './cost-bars.tsx'
import { CostFigures } from './cost-figures.tsx'
import { BAR_PARTS, BAR_UNITS, costSeries, periodPrices } from './cost-series.ts'
import { groupings } from './group-consumers.ts'
import { Highlights } from './highlights.tsx'
import { hoursByWall, HoursMap } from './hours-map.tsx'
import {
  barColumn,
  barLabels,
  barsPerDay,
  beforeName,
  comparable,
  comparison,
  HOURS,
  houseBefore,
  hourText,
  spanTitle,
  stepDate,
} from './period.ts'
import { SixFigures } from './six-figures.tsx'

const BARS: Readonly<Record<Span, string>> = texts.energy.bars

/** How much, and is that more than before? */
export function EnergyView(): JSX.Element {
  const { router, live, formatter, place, house, isPlaceholder } = useKnown()
  const { hasMains, hasSolar } = house
  const { query } = router.route.value
  const questions = energyQuestions(query)
  const span = readSpan(query)
  const today = dateText(formatter.time.local(live.nowMs.value))
  const date = readDate(query, 'date') ?? today
  const misread = [
    ...misreadDates(query, 'date'),
    ...misreadChoice(query, 'span', SPANS),
    ...misreadChoice(query, 'compare', COMPARISONS),
    ...misreadChoice(query, 'unit', BAR_UNITS),
    ...misreadChoice(query, 'bars', BAR_PARTS),
    ...(isPlaceholder ? [] : misreadChoice(query, 'by', groupings(house))),
  ]
  const version = live.changes.value + live.cycles.value
  const energy = useAnswer(questions.energy, isEnergy, version)
  const consumers = useAnswer(questions.consumers, isConsumers, version)
  const hours = useAnswer(questions.hours, isHours, version)
  const unit = BAR_UNITS.find((name) => hasMains && name === query.get('unit')) ?? 'kwh'
  const isMoney = unit === 'money'
  const parts = BAR_PARTS.find((name) => hasMains && name === query.get('bars')) ?? (isMoney ? 'period' : 'origin')
  const isCosted = isMoney || parts === 'period'
  const asked = useAnswer(isCosted ? questions.costs : undefined, isCosts, version)
  const costs = isCosted && asked.answer?.currency !== undefined ? asked.answer : undefined
  const tariffs = useAnswer(isCosted ? TARIFFS : undefined, isTariffs, version).answer
  const prices = useMemo(() => tariffs && periodPrices(tariffs), [tariffs])
  const series = costs ? costSeries(costs, { unit, parts, prices }) : []
  const knownDays = useMemo(() => fromFirstKnown(hours.answer?.days ?? []), [hours.answer])
  const [isTable, setIsTable] = useState(false)
  const answer = energy.answer && comparable(energy.answer)
  const nameBefore = hasMains ? texts.energy.houseBefore : texts.energy.circuitsBefore

  return (
    <section aria-label={texts.views.energy}>
      <Tools span={span} date={date} today={today} energy={answer}>
        <button class="btn" aria-pressed={isTable} onClick={() => setIsTable(!isTable)}>
          {texts.table}
        </button>
        <a class="btn" href={place.at(isMoney ? questions.costsCsv : questions.csv)} download>
          {texts.csv}
        </a>
      </Tools>
      <MisreadLine misread={misread} shown={spanTitle(span, date)} />
      <Waiting asked={energy} what={spanTitle(span, date)} />
      <Waiting asked={asked} what={texts.money.costsAsked} />
      {isMoney ? (
        <CostFigures costs={costs} />
      ) : (
        <>
          <SixFigures energy={answer} />
          <Highlights energy={answer} />
        </>
      )}
      <HouseRemarks />
      {isCosted && asked.answer && !costs && <NoTariff />}
      <div class="bar">
        <h2>{texts.energy.by[span]}</h2>
        {hasMains && (
          <div class="seg" role="group" aria-label={texts.money.barsOf}>
            {BAR_PARTS.map((name) => (
              <button key={name} aria-pressed={name === parts} onClick={() => router.set({ bars: name })}>
                {texts.money.parts[name]}
              </button>
            ))}
          </div>
        )}
        <Legend
          keys={
            isCosted
              ? series.map(({ colour, name }) => [colour, name])
              : [
                  hasMains && hasSolar && ['solar', texts.energy.solarUsedInHouse],
                  hasMains && ['import', texts.fromGrid],
                  hasMains && hasSolar && ['export', texts.energy.toGridBelow],
                  answer?.before && ['before', nameBefore(beforeName(answer, formatter))],
                ]
          }
        />
      </div>
      <FailingPart>
        {isCosted ? (
          isTable ? (
            <CostTable costs={costs} series={series} unit={unit} />
          ) : (
            <CostBars costs={costs} series={series} unit={unit} soFarUntilMs={energy.answer?.soFarUntilMs} />
          )
        ) : isTable ? (
          <BarsTable energy={answer} />
        ) : (
          <Bars energy={answer} />
        )}
      </FailingPart>
      <div class="cols energy">
        <div>
          <Waiting asked={consumers} what={texts.energy.consumersAsked} />
          <FailingPart>
            <Consumers
              consumers={consumers.answer}
              costs={isMoney ? costs : undefined}
              soFarUntilMs={energy.answer?.soFarUntilMs}
            />
          </FailingPart>
        </div>
        <div>
          <Part
            title={texts.when}
            sub={`${hasMains ? texts.energy.meanOfHouse : texts.energy.meanOfCircuits}; ${texts.energy.cellLeads}`}
            table={() => <HoursTable days={knownDays} />}
          >
            <Waiting asked={hours} what={texts.energy.hoursAsked} />
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
  const { router, server, formatter, house } = useKnown()
  const { query } = router.route.value
  const compare = COMPARISONS.find((name) => name === query.get('compare')) ?? 'before'
  const fetchAhead = (to: string) => {
    const { energy, consumers, hours } = energyQuestions(new URLSearchParams({ span, date: to, compare }))
    const asks = [server.ask(energy, isEnergy), server.ask(consumers, isConsumers), server.ask(hours, isHours)]
    Promise.all(asks).catch(() => undefined)
  }
  const stepButton = (name: string, arrow: string, by: 1 | -1) => {
    const to = stepDate(span, date, by)
    return (
      <button
        class="btn"
        aria-label={to === undefined ? name : spanTitle(span, to)}
        disabled={to === undefined || (by > 0 && to > today)}
        onPointerEnter={() => to !== undefined && fetchAhead(to)}
        onClick={() => router.set({ date: to })}
      >
        {arrow}
      </button>
    )
  }
  return (
    <div class="tools">
      <div class="seg" role="group" aria-label={texts.energy.period}>
        {SPANS.map((name) => (
          <button key={name} aria-pressed={name === span} onClick={() => router.set({ span: name })}>
            {texts.energy.spans[name]}
          </button>
        ))}
      </div>
      <div class="step">
        {stepButton(texts.earlier, '←', -1)}
        <span class="when">{spanTitle(span, date)}</span>
        {stepButton(texts.later, '→', 1)}
      </div>
      {canChooseComparison(span) && (
        <div class="seg" role="group" aria-label={texts.energy.compareWith}>
          {COMPARISONS.map((name) => (
            <button key={name} aria-pressed={name === compare} onClick={() => router.set({ compare: name })}>
              {texts.energy.comparisons[span === 'day' ? 'day' : 'month'][name]}
            </button>
          ))}
        </div>
      )}
      {house.hasMains && (
        <div class="seg" role="group" aria-label={texts.money.unit}>
          {BAR_UNITS.map((name) => (
            <button
              key={name}
              aria-pressed={name === (query.get('unit') ?? 'kwh')}
              onClick={() => router.set({ unit: name === 'kwh' ? undefined : name, bars: undefined })}
            >
              {texts.money.units[name]}
            </button>
          ))}
        </div>
      )}
      <span class="dim compared">{shown && comparison(shown, formatter)}</span>
      <span class="end">{children}</span>
    </div>
  )
}

function BarsTable({ energy }: { energy: Energy | undefined }): JSX.Element {
  const { formatter, house } = useKnown()
  const { hasMains, hasSolar } = house
  const name = hasMains ? texts.house : texts.circuits
  const perDay = energy && barsPerDay(energy, hasMains, formatter)
  const columns = energy
    ? [
        { name, column: barColumn(energy, hasMains) },
        ...(perDay ? [{ name: texts.energy.columnPerDay(name), column: perDay }] : []),
        ...(hasSolar ? [{ name: texts.solar, column: energy.house.solar }] : []),
        ...(hasSolar && hasMains ? [{ name: texts.energy.solarUsed, column: energy.house.used }] : []),
        ...(hasMains ? [{ name: texts.fromGrid, column: energy.house.fromGrid }] : []),
        ...(hasSolar && hasMains ? [{ name: texts.toGrid, column: energy.house.toGrid }] : []),
        ...(hasMains ? [{ name: texts.unmetered, column: energy.house.unmetered }] : []),
        ...(energy.before ? [{ name: texts.energy.columnBefore(name), column: houseBefore(energy, hasMains) }] : []),
        ...(energy.missing ? [{ name: texts.energy.columnMissing, column: energy.missing, isMinutes: true }] : []),
        ...(energy.unmeasured
          ? [{ name: texts.energy.columnNotMeasured, column: energy.unmeasured, isMinutes: true }]
          : []),
      ]
    : []
  const rows = (energy ? barLabels(energy, formatter) : []).map(({ long }, index) => ({
    key: long,
    name: long,
    cells: columns.map(({ column, ...more }) =>
      'isMinutes' in more ? (column[index] ?? 0) : energyFigure(column[index]).text,
    ),
  }))
  return (
    <NumberTable
      label={texts.energy.tableOfBars}
      unit="kWh"
      corner={energy ? BARS[energy.span] : ''}
      columns={columns.map((each) => each.name)}
      rows={rows}
    />
  )
}

/** Hour × day in numbers; an hour that the clock has twice has two. */
function HoursTable({ days }: { days: readonly HoursOfDay[] }): JSX.Element {
  const { formatter, live } = useKnown()
  const thisYear = formatter.time.local(live.nowMs.value).year
  const cell = (day: HoursOfDay, hour: number) => hoursByWall(day, hour).map(rounded).join(' / ') || UNKNOWN
  return (
    <NumberTable
      label={texts.energy.tableOfHours}
      unit={texts.watts}
      corner={texts.day}
      columns={HOURS.map(hourText)}
      rows={days.map((day) => ({
        key: day.date,
        name: dateName(day.date, thisYear),
        cells: HOURS.map((hour) => cell(day, hour)),
      }))}
      isTall
    />
  )
}
