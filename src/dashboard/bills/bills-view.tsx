import type { JSX } from 'preact'
import { type Bills, type BillView, isBills } from '../api/answers.ts'
import { NoTariff } from '../page/no-tariff.tsx'
import { useKnown } from '../page/page.ts'
import { NumberTable, Part } from '../page/part.tsx'
import { BILLS } from '../../api/view-questions.ts'
import { useAnswer, Waiting } from '../page/use-answer.tsx'
import { addDays, parseDate } from '../text/house-time.ts'
import { lineName, moneyText, rateText } from '../text/money.ts'
import { energyText, grouped, THIN_SPACE } from '../text/number.ts'
import { texts } from '../text/texts.ts'
import { shortDayText } from '../text/time.ts'
import { type Comparison, comparePlans, type Plan } from './compare-plans.ts'

/** What was to be paid, what will be, and what it would have been under another plan? */
export function BillsView(): JSX.Element {
  const { live, place } = useKnown()
  const asked = useAnswer(BILLS, isBills, live.changes.value + live.cycles.value)
  const { answer } = asked
  const days = useDays()
  const comparison = answer && comparePlans(answer)
  const isRunning = ({ from }: BillView) => answer?.runningFrom !== undefined && from >= answer.runningFrom
  const past = answer?.bills.filter((bill) => !isRunning(bill)).toReversed() ?? []
  const currency = answer?.currency ?? ''
  return (
    <section aria-label={texts.views.bills}>
      <Waiting asked={asked} what={texts.bills.asked} />
      {answer && answer.currency === undefined && <NoTariff />}
      {answer?.currency !== undefined && (
        <>
          <Running bills={answer} running={answer.bills.filter(isRunning)} />
          <div class="cols bills">
            <div>
              <Part
                title={texts.bills.past}
                end={
                  <a class="btn quiet" href={place.at('/api/v1/bills.csv')} download>
                    {texts.csv}
                  </a>
                }
              >
                {past.length === 0 && <p class="dim">{texts.bills.noPast}</p>}
                {past.map((bill) => (
                  <PastBill key={`${bill.from} ${bill.tariff}`} bill={bill} currency={currency} />
                ))}
              </Part>
            </div>
            {comparison && (
              <div>
                <Part
                  title={texts.bills.plans}
                  sub={days(comparison.edges[0] ?? '', comparison.edges.at(-1) ?? '')}
                  table={() => <PlansTable comparison={comparison} currency={currency} />}
                >
                  <Plans comparison={comparison} currency={currency} />
                </Part>
              </div>
            )}
          </div>
        </>
      )}
    </section>
  )
}

/** `14 Mar to 12 Apr`, the last day itself included. */
function useDays(): (from: string, to: string) => string {
  const { formatter, live } = useKnown()
  const thisYear = formatter.time.local(live.nowMs.value).year
  const day = (date: string) => shortDayText(parseDate(date), thisYear)
  return (from, to) => texts.to(day(from), day(addDays(to, -1)))
}

interface RunningProps {
  readonly bills: Bills
  /** Two of them where the tariff changes within it. */
  readonly running: readonly BillView[]
}

function Running({ bills: { currency = '', forecast }, running }: RunningProps): JSX.Element | null {
  const days = useDays()
  const [first] = running
  const last = running.at(-1)
  if (!first || !last) return null
  const total = running.reduce((sum, bill) => sum + bill.total, 0)
  const isAtLeast = running.some(({ missingMinutes }) => missingMinutes > 0)
  return (
    <Part title={texts.bills.running} sub={days(first.from, last.to)}>
      <p class="lead">
        <b>{atLeast(moneyText(total, currency), isAtLeast)}</b> {texts.bills.soFar}
        {forecast && (
          <>
            {' '}
            <b>{texts.bills.about(moneyText(forecast.total, currency))}</b>{' '}
            {texts.bills.inAll(days(first.from, forecast.to))}
          </>
        )}
      </p>
      <p class="sub">{forecast ? texts.bills.howForecast(forecast.days) : texts.bills.noForecast}</p>
      {running.map((bill) => (
        <div key={bill.from} class="bill">
          {running.length > 1 && <h3>{`${bill.tariff}, ${days(bill.from, bill.to)}`}</h3>}
          <BillLines bill={bill} currency={currency} />
        </div>
      ))}
    </Part>
  )
}

interface BillProps {
  readonly bill: BillView
  readonly currency: string
}

function PastBill({ bill, currency }: BillProps): JSX.Element {
  const days = useDays()
  const { from, to, tariff, importKwh, total, missingMinutes } = bill
  return (
    <details class="bill">
      <summary>
        <span>{days(from, to)}</span>
        <span class="dim">{tariff}</span>
        <span class="num">{energyText(importKwh * 1000)}</span>
        <b class="num">{atLeast(moneyText(total, currency), missingMinutes > 0)}</b>
      </summary>
      <BillLines bill={bill} currency={currency} />
    </details>
  )
}

const atLeast = (text: string, isAtLeast: boolean): string => (isAtLeast ? `≥${THIN_SPACE}${text}` : text)

/** Each line with how much it is of, at what price. */
function BillLines({ bill, currency }: BillProps): JSX.Element {
  const days = useDays()
  const { lines, total, missingMinutes, unpricedKwh, unpricedExportKwh } = bill
  const title = `${bill.tariff}, ${days(bill.from, bill.to)}`
  return (
    <>
      <table class="bill-lines" aria-label={title}>
        <thead>
          <tr>
            <th scope="col">{texts.bills.line}</th>
            <th scope="col" class="num">
              {texts.bills.quantity}
            </th>
            <th scope="col" class="num">
              {texts.bills.price}
            </th>
            <th scope="col" class="num">
              {texts.bills.amount}
            </th>
          </tr>
        </thead>
        <tbody>
          {lines.map((line, index) => (
            <tr key={index}>
              <th scope="row">
                {lineName(line)} <small class="dim">{kindText(line)}</small>
              </th>
              <td class="num">{quantityText(line)}</td>
              <td class="num">{line.price === undefined ? '' : rateText(line.price, currency)}</td>
              <td class="num">{moneyText(line.amount, currency)}</td>
            </tr>
          ))}
          <tr class="sum">
            <th scope="row">{texts.bills.total}</th>
            <td />
            <td />
            <td class="num">{atLeast(moneyText(total, currency), missingMinutes > 0)}</td>
          </tr>
        </tbody>
      </table>
      {missingMinutes > 0 && <p class="sub">{texts.energy.minutesMissing(grouped(missingMinutes))}</p>}
      {unpricedKwh > 0 && <p class="sub">{texts.money.unpriced(energyText(unpricedKwh * 1000))}</p>}
      {unpricedExportKwh > 0 && <p class="sub">{texts.money.unpricedExport(energyText(unpricedExportKwh * 1000))}</p>}
    </>
  )
}

type Line = BillView['lines'][number]

/** What its name does not say already, and when the highest demand was. */
function kindText(line: Line): string {
  const kind = texts.bills.kinds[line.kind]
  return [...(kind === lineName(line) ? [] : [kind]), ...(line.at === undefined ? [] : [atText(line.at)])].join(', ')
}

/** `2026-03-12T17:30-04:00` → `2026-03-12 17:30` */
const atText = (at: string): string => at.slice(0, 16).replace('T', ' ')

function quantityText({ kwh, kw, days }: Line): string {
  return [
    ...(kwh === undefined ? [] : [energyText(kwh * 1000)]),
    ...(kw === undefined ? [] : [`${grouped(kw, 2)}${THIN_SPACE}kW`]),
    ...(days === undefined ? [] : [texts.days(days)]),
  ].join(', ')
}

interface PlansProps {
  readonly comparison: Comparison
  readonly currency: string
}

/** A bar for each plan, from zero; below it how much more or less that is. */
function Plans({ comparison: { edges, plans }, currency }: PlansProps): JSX.Element {
  const [own] = plans
  const totals = plans.map(({ total }) => total)
  const [least, most] = [Math.min(0, ...totals), Math.max(0, ...totals)]
  const percent = (value: number) => (most === least ? 0 : (100 * value) / (most - least))
  return (
    <>
      <table class="plans" aria-label={texts.bills.plans}>
        <tbody>
          {plans.map((plan) => (
            <tr key={plan.name}>
              <th scope="row">
                {plan.name} {plan.isOwn && <small class="dim">{texts.bills.own}</small>}
              </th>
              <td>
                <svg width="100%" height="14" aria-hidden="true">
                  <rect
                    x={`${percent(Math.min(0, plan.total) - least)}%`}
                    width={`${percent(Math.abs(plan.total))}%`}
                    height="14"
                    fill={plan.isOwn ? 'var(--ink)' : 'var(--rest)'}
                  />
                </svg>
              </td>
              <td class="num">{moneyText(plan.total, currency)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <ul class="plan-words">
        {plans.slice(1).map((plan) => (
          <li key={plan.name}>{differenceText(plan, own?.total ?? 0, { currency, count: edges.length - 1 })}</li>
        ))}
      </ul>
    </>
  )
}

function differenceText(
  { name, total, unpricedKwh }: Plan,
  own: number,
  { currency, count }: { readonly currency: string; readonly count: number },
): string {
  const size = moneyText(Math.abs(total - own), currency)
  const words =
    size === moneyText(0, currency)
      ? texts.bills.same(name, count)
      : (total < own ? texts.bills.less : texts.bills.more)(name, size, count)
  return unpricedKwh > 0 ? `${words} ${texts.money.unpriced(energyText(unpricedKwh * 1000))}` : words
}

function PlansTable({ comparison: { edges, plans }, currency }: PlansProps): JSX.Element {
  const days = useDays()
  return (
    <NumberTable
      label={texts.bills.plans}
      unit={currency}
      corner={texts.bills.bill}
      columns={plans.map(({ name }) => name)}
      rows={edges.slice(0, -1).map((from, index) => ({
        key: from,
        name: days(from, edges[index + 1] ?? from),
        cells: plans.map(({ totals }) => moneyText(totals[index], currency)),
      }))}
    />
  )
}
