import type { JSX } from 'preact'
import type { SetupPreview } from '../api/answers.ts'
import { useEffect, useId, useRef } from 'preact/hooks'
import { usePage } from '../page/page.ts'
import { Part } from '../page/part.tsx'
import { texts } from '../text/texts.ts'
import { ErrorText, Fixed, isFixed, type Mistake, mistakesOf, type PartsProps } from './field.tsx'
import {
  hasOwnHolidays,
  type MoneyChoices,
  NEW_PERIOD,
  NEW_TARIFF,
  type PeriodChoice,
  type TariffChoice,
} from './money-choices.ts'
import { PriceStrips } from './price-strips.tsx'

interface MoneyFormProps extends PartsProps {
  /** As they would be; undefined while they are not known. */
  readonly prices: SetupPreview['prices'] | undefined
}

/** What energy costs, where that is simple; what is more stays as the file has it. */
export function MoneyForm({ setup, choices, choose, mistakes, prices = [] }: MoneyFormProps): JSX.Element {
  const { router } = usePage()
  const { money } = choices
  const own = useRef<HTMLDivElement>(null)
  const isAsked = router.route.value.query.get('part') === 'money'
  useEffect(() => {
    if (isAsked) own.current?.scrollIntoView()
  }, [isAsked])
  const change = (part: Partial<MoneyChoices>) => money && choose({ ...choices, money: { ...money, ...part } })
  const put = (place: number, tariff: TariffChoice) =>
    change({ tariffs: money?.tariffs.map((each, index) => (index === place ? tariff : each)) ?? [] })
  return (
    <div ref={own}>
      <Part title={texts.setup.money} sub={texts.setup.moneySub}>
        {!money && <p>{texts.setup.noMoney}</p>}
        {money && (
          <>
            <Fixed setup={setup} keys={['currency', 'billing.day']} />
            <div class="setup-money">
              <TextField
                label={texts.setup.currency}
                hint="EUR"
                value={money.currency}
                wrong={mistakesOf(mistakes, 'currency')}
                isOff={isFixed(setup, 'currency')}
                choose={(currency) => change({ currency })}
              />
              <TextField
                label={texts.setup.billingDay}
                hint="1"
                value={money.day}
                wrong={mistakesOf(mistakes, 'billing')}
                isOff={isFixed(setup, 'billing.day')}
                choose={(day) => change({ day })}
              />
              {hasOwnHolidays(setup) ? (
                <p class="dim">{texts.setup.ownHolidays}</p>
              ) : (
                <>
                  <TextField
                    label={texts.setup.country}
                    hint="US"
                    value={money.country}
                    wrong={mistakesOf(mistakes, 'holidays')}
                    choose={(country) => change({ country })}
                  />
                  <TextField
                    label={texts.setup.state}
                    hint="CA"
                    value={money.state}
                    wrong={[]}
                    choose={(state) => change({ state })}
                  />
                </>
              )}
            </div>
            {money.tariffs.map((tariff, index) =>
              tariff.isFixed ? (
                <details key={index} class="detail">
                  <summary>{texts.setup.fixedTariff(tariff.name)}</summary>
                  <pre class="scroll" tabIndex={0}>
                    {setup.money?.tariffs[tariff.kept ?? -1]?.lines}
                  </pre>
                  <PriceStrips prices={prices[index]} currency={money.currency} />
                  <ErrorText id={`wrong-tariff-${index}`} of={mistakesOf(mistakes, 'tariffs', String(index))} />
                </details>
              ) : (
                <TariffForm
                  key={index}
                  tariff={tariff}
                  index={index}
                  mistakes={mistakes}
                  strips={<PriceStrips prices={prices[index]} currency={money.currency} />}
                  put={(next) => put(index, next)}
                  remove={() => change({ tariffs: money.tariffs.filter((_, other) => other !== index) })}
                />
              ),
            )}
            <button
              class="btn"
              onClick={() => change({ tariffs: [...money.tariffs, { ...NEW_TARIFF, name: newName(money.tariffs) }] })}
            >
              {texts.setup.addTariff}
            </button>
          </>
        )}
      </Part>
    </div>
  )
}

/** As `init` calls it; the next ones are numbered. */
function newName(tariffs: readonly TariffChoice[]): string {
  const isTaken = (name: string) => tariffs.some((tariff) => tariff.name === name)
  const first = 'One price'
  if (!isTaken(first)) return first
  const place = Array.from({ length: tariffs.length }, (_, index) => index + 2).find(
    (number) => !isTaken(`${first} ${number}`),
  )
  return `${first} ${place ?? ''}`
}

interface TextFieldProps {
  readonly label: string
  /** Told where its words do not say whose it is. */
  readonly whose?: string
  readonly hint?: string
  readonly value: string
  readonly wrong: readonly string[]
  readonly isOff?: boolean
  readonly choose: (value: string) => void
}

function TextField({ label, whose, hint = '', value, wrong, isOff = false, choose }: TextFieldProps): JSX.Element {
  const id = useId()
  return (
    <label>
      <small class="dim">{label}</small>
      <input
        aria-label={whose === undefined ? label : texts.setup.of(label, whose)}
        aria-invalid={wrong.length > 0}
        aria-describedby={id}
        disabled={isOff}
        placeholder={hint}
        value={value}
        onInput={({ currentTarget }) => choose(currentTarget.value)}
      />
      <ErrorText id={id} of={wrong} />
    </label>
  )
}

interface TariffFormProps {
  readonly tariff: TariffChoice
  readonly index: number
  readonly mistakes: readonly Mistake[]
  readonly strips: JSX.Element
  readonly put: (tariff: TariffChoice) => void
  readonly remove: () => void
}

function TariffForm({ tariff, index, mistakes, strips, put, remove }: TariffFormProps): JSX.Element {
  const { periods, name } = tariff
  const whose = name || texts.setup.tariffNumber(index + 1)
  const wrongOf = (...path: readonly string[]) => mistakesOf(mistakes, 'tariffs', String(index), ...path)
  // What is about all periods together.
  const wrong = mistakes
    .filter(({ path = [] }) => path[0] === 'tariffs' && path[1] === String(index) && path.length < 4)
    .filter(({ path = [] }) => path[2] === undefined || path[2] === 'import')
    .map(({ message }) => message)
  const field = (key: 'name' | 'feedIn' | 'perDay' | 'perBill' | 'tax', hint: string, ...path: readonly string[]) => (
    <TextField
      label={texts.setup.tariffFields[key]}
      whose={key === 'name' ? texts.setup.tariffNumber(index + 1) : whose}
      hint={hint}
      value={tariff[key]}
      wrong={wrongOf(...path)}
      choose={(value) => put({ ...tariff, [key]: value })}
    />
  )
  return (
    <fieldset class="setup-tariff">
      <legend>{whose}</legend>
      <div class="setup-money">
        {field('name', '', 'name')}
        <label class="check">
          <input
            type="checkbox"
            checked={tariff.isPlan}
            onChange={({ currentTarget }) => put({ ...tariff, isPlan: currentTarget.checked })}
          />
          {texts.setup.isPlan}
        </label>
      </div>
      {periods.map((period, place) => (
        <PeriodFields
          key={place}
          period={period}
          whose={texts.setup.of(texts.setup.priceNumber(place + 1), whose)}
          isRule={place === 0}
          wrongOf={(...path) => wrongOf('import', String(place), ...path)}
          put={(next) => put({ ...tariff, periods: periods.map((each, other) => (other === place ? next : each)) })}
          remove={() => put({ ...tariff, periods: periods.filter((_, other) => other !== place) })}
        />
      ))}
      <ErrorText id={`wrong-tariff-${index}`} of={wrong} />
      <button class="btn" onClick={() => put({ ...tariff, periods: [...periods, NEW_PERIOD] })}>
        {texts.setup.addPrice}
      </button>
      {strips}
      <div class="setup-money">
        {field('feedIn', '0.08', 'export')}
        {field('perDay', '0.39', 'fixed', 'perDay')}
        {field('perBill', '10', 'fixed', 'perBill')}
        {field('tax', '19%', 'tax')}
      </div>
      <button class="btn quiet" aria-label={texts.setup.of(texts.setup.remove, whose)} onClick={remove}>
        {texts.setup.remove}
      </button>
    </fieldset>
  )
}

interface PeriodFieldsProps {
  readonly period: PeriodChoice
  readonly whose: string
  /** The first of them, for all times that have no other. */
  readonly isRule: boolean
  readonly wrongOf: (...path: readonly string[]) => readonly string[]
  readonly put: (period: PeriodChoice) => void
  readonly remove: () => void
}

const FIELDS = [
  ['name', 'On-peak'],
  ['price', '0.31'],
  ['hours', '16-21'],
  ['days', 'Mon-Fri'],
  ['months', 'Jun-Oct'],
] as const

function PeriodFields({ period, whose, isRule, wrongOf, put, remove }: PeriodFieldsProps): JSX.Element {
  const keys = FIELDS.map(([key]) => key)
  const ofRow = wrongOf().filter((message) => !keys.some((key) => wrongOf(key).includes(message)))
  return (
    <div class="setup-period">
      {FIELDS.map(([key, hint]) =>
        isRule && period[key] === '' && key !== 'name' && key !== 'price' ? null : (
          <TextField
            key={key}
            label={texts.setup.periodFields[key]}
            whose={whose}
            hint={isRule && key === 'name' ? 'Standard' : hint}
            value={period[key]}
            wrong={wrongOf(key)}
            choose={(value) => put({ ...period, [key]: value })}
          />
        ),
      )}
      {isRule ? (
        <small class="dim">{texts.setup.rule}</small>
      ) : (
        <button class="btn quiet" aria-label={texts.setup.of(texts.setup.remove, whose)} onClick={remove}>
          {texts.setup.remove}
        </button>
      )}
      <ErrorText id={`wrong ${whose}`} of={ofRow} />
    </div>
  )
}
