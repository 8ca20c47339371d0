import type { JSX } from 'preact'
import { useMemo, useState } from 'preact/hooks'
import type { Consumers as Answer, Costs } from '../api/answers.ts'
import { Tick } from '../chart/captions.tsx'
import { sumKnown } from '../chart/lines.tsx'
import { useIsPhone } from '../chart/use-width.ts'
import { Link } from '../page/link.tsx'
import { useKnown } from '../page/page.ts'
import { powerSpan } from '../page/power-span.ts'
import type { Query } from '../page/route.ts'
import { moneyText } from '../text/money.ts'
import { change, energy, grouped, share, THIN_SPACE, UNKNOWN } from '../text/number.ts'
import { texts } from '../text/texts.ts'
import { BY_CIRCUITS, BY_GROUPS, type ConsumerRow, groupConsumers, groupings, sizeOf } from './group-consumers.ts'
import { hourText } from './period.ts'

const OPEN_AT_FIRST = 2

interface ConsumersProps {
  readonly consumers: Answer | undefined
  /** In place of kWh. */
  readonly costs?: Costs | undefined
  /** Where the span is not over. */
  readonly soFarUntilMs: number | undefined
}

/** What used it: by group, circuit or label, with its share, its change and its hours. */
export function Consumers({ consumers, costs, soFarUntilMs = Infinity }: ConsumersProps): JSX.Element {
  const { router, house, formatter } = useKnown()
  const isPhone = useIsPhone()
  const asked = router.route.value.query.get('by')
  const by = groupings(house).find((choice) => choice === asked) ?? BY_GROUPS
  const isByLabel = house.labelNames.includes(by)
  const group = (name: string | undefined) => router.set({ by: name }, { replaces: true })
  const rows = useMemo(
    () => groupConsumers(consumers?.consumers ?? [], house, { by, costs: costs?.consumers }),
    [consumers, house, by, costs],
  )
  const [toggled, setToggled] = useState<ReadonlySet<string>>(new Set())
  const toggle = (name: string) =>
    setToggled(toggled.has(name) ? new Set([...toggled].filter((one) => one !== name)) : new Set(toggled).add(name))
  // Without mains, of all circuits together.
  const together = house.hasMains ? null : sumKnown(rows.map(({ wattHours }) => wattHours))
  const most = Math.max(costs ? 0 : 1, ...rows.map((one) => sizeOf(one) ?? 0))
  // A phone has no space for them beside two amounts of money.
  const hasStrips = !isPhone || costs === undefined
  const shareHead = house.hasMains ? texts.energy.shareOfHouse : texts.energy.shareOfAll
  const heads = [
    costs ? texts.money.cost : 'kWh',
    ...(isPhone ? [] : [costs ? texts.money.shareOfCost : shareHead]),
    costs ? texts.money.couldEarn : isPhone ? texts.energy.changeShort : texts.energy.change,
    ...(hasStrips ? [isPhone ? texts.energy.byHourShort : texts.energy.byHour] : []),
  ]
  const lead = ({ ids }: ConsumerRow): Query | undefined => {
    if (consumers === undefined) return undefined
    const { span, fromMs, untilMs } = consumers
    if (span === 'all') return { range: 'all', ch: ids.join(',') }
    const until = Math.min(untilMs, soFarUntilMs)
    return until > fromMs ? powerSpan({ fromMs, untilMs: until }, formatter.time, ids) : undefined
  }
  const row = (one: ConsumerRow, isPart: boolean, isOpen?: boolean) => (
    <Row
      key={`${isPart ? 'part' : 'sum'} ${one.name}`}
      row={one}
      isPart={isPart}
      isOpen={isOpen}
      onToggle={() => toggle(one.name)}
      most={most}
      total={costs ? costs.sums.import : (consumers?.houseWattHours ?? together)}
      currency={costs?.currency}
      isPhone={isPhone}
      hasStrip={hasStrips}
      lead={lead(one)}
    />
  )
  return (
    <>
      <div class="bar">
        <h2>{texts.energy.consumers}</h2>
        <div class="seg" role="group" aria-label={texts.energy.groupBy}>
          <Choice isChosen={by === BY_GROUPS} name={texts.energy.houseGroups} onChoose={() => group(BY_GROUPS)} />
          <Choice isChosen={by === BY_CIRCUITS} name={texts.circuits} onChoose={() => group(BY_CIRCUITS)} />
          {house.labelNames.length > 0 && (
            <Choice isChosen={isByLabel} name={texts.energy.byLabel} onChoose={() => group(house.labelNames[0])} />
          )}
        </div>
        {isByLabel && (
          <div class="seg" role="group" aria-label={texts.energy.label}>
            {house.labelNames.map((name) => (
              <Choice key={name} isChosen={name === by} name={name} onChoose={() => group(name)} />
            ))}
          </div>
        )}
      </div>
      {costs && <p class="sub">{texts.money.couldEarnMeaning}</p>}
      <table class={costs ? 'consumers costs' : 'consumers'}>
        <colgroup>
          <col />
          <col class="bar-col" />
          <col class="kwh-col" />
          {!isPhone && <col class="share-col" />}
          <col class="change-col" />
          {hasStrips && <col class="strip-col" />}
        </colgroup>
        <thead>
          <tr>
            <th scope="col">{isPhone ? texts.energy.group : texts.energy.groupOrCircuit}</th>
            <td />
            {heads.map((head) => (
              <th key={head} scope="col" class="num">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.flatMap((one, index) => {
            const isOpen = one.parts.length > 0 ? index < OPEN_AT_FIRST !== toggled.has(one.name) : undefined
            return [row(one, false, isOpen), ...(isOpen === true ? one.parts.map((part) => row(part, true)) : [])]
          })}
        </tbody>
      </table>
      {consumers && <Remarks consumers={consumers} />}
    </>
  )
}

interface ChoiceProps {
  readonly isChosen: boolean
  readonly name: string
  readonly onChoose: () => void
}

function Choice({ isChosen, name, onChoose }: ChoiceProps): JSX.Element {
  return (
    <button aria-pressed={isChosen} onClick={onChoose}>
      {name}
    </button>
  )
}

interface RowProps {
  readonly row: ConsumerRow
  readonly isPart: boolean
  readonly isOpen: boolean | undefined
  readonly onToggle: () => void
  readonly most: number
  /** Of which it has a share. */
  readonly total: number | null
  /** Where costs are shown in place of energies. */
  readonly currency: string | undefined
  readonly isPhone: boolean
  readonly hasStrip: boolean
  /** To Power, where there is anything. */
  readonly lead: Query | undefined
}

function Row({ row, isPart, isOpen, onToggle, most, total, currency, isPhone, hasStrip, lead }: RowProps): JSX.Element {
  const { name, colour, hue, wattHours, compared, couldEarn, hours } = row
  const size = sizeOf(row)
  const height = isPart ? 6 : 10
  return (
    <tr class={isPart ? 'part' : 'grp'}>
      <th scope="row">
        {isOpen === undefined ? (
          <>
            {!isPart && <Tick fill={colour} />}
            {lead ? (
              <Link view="power" query={lead} label={texts.energy.inPower(name)}>
                {name}
              </Link>
            ) : (
              name
            )}
          </>
        ) : (
          <>
            <button class="fold" aria-expanded={isOpen} onClick={onToggle}>
              <Tick fill={colour} />
              {name}
            </button>
            {lead && (
              <Link view="power" query={lead} label={texts.energy.inPower(name)}>
                <i class="lead-on" aria-hidden="true" />
              </Link>
            )}
          </>
        )}
      </th>
      <td>
        <svg width="100%" height={height} aria-hidden="true">
          <rect width={`${Math.max(0, (100 * (size ?? 0)) / most)}%`} height={height} fill={colour} />
        </svg>
      </td>
      <td class="num">{currency === undefined ? energy(wattHours).text : moneyText(size, currency)}</td>
      {!isPhone && <td class="num">{share(size, total, 1).text}</td>}
      <td class="num change">
        {currency !== undefined
          ? moneyText(couldEarn, currency)
          : compared
            ? change(compared.wattHours, compared.beforeWattHours)
            : UNKNOWN}
      </td>
      {hasStrip && (
        <td class="num">
          <HourStrip hours={hours} hue={hue} isPhone={isPhone} />
        </td>
      )}
    </tr>
  )
}

function Remarks({ consumers }: { consumers: Answer }): JSX.Element | null {
  const { house } = useKnown()
  const devices = new Map(house.channels.map(({ id, device }) => [id, device]))
  const missing = new Map<string, { minutes: number; circuits: number }>()
  for (const { id, missingMinutes = 0 } of consumers.consumers) {
    const device = devices.get(id)
    if (device === undefined || missingMinutes === 0) continue
    const { minutes, circuits } = missing.get(device) ?? { minutes: 0, circuits: 0 }
    missing.set(device, { minutes: Math.max(minutes, missingMinutes), circuits: circuits + 1 })
  }
  const remarks = [...missing].map(([device, { minutes, circuits }]) =>
    texts.energy.tooLow(`${grouped(minutes)}${THIN_SPACE}${texts.min}`, circuits, device),
  )
  if (missing.size === 0 && consumers.note === undefined) return null
  return (
    <p class="sub remarks">
      {[...(consumers.note === undefined ? [] : [consumers.note]), ...remarks].join(' ')}
      {missing.size > 0 && (
        <>
          {texts.energy.unmeteredCounts}
          <Link view="coverage">{texts.repair}</Link>
        </>
      )}
    </p>
  )
}

const HEIGHT_PX = 13

interface HourStripProps {
  readonly hours: readonly (number | null)[]
  readonly hue: string
  readonly isPhone: boolean
}

/** The mean by hour of the local clock, the strongest as its greatest. */
function HourStrip({ hours, hue, isPhone }: HourStripProps): JSX.Element {
  const cell = isPhone ? 3 : 6
  const most = Math.max(1, ...hours.map((watts) => watts ?? 0))
  const peak = hours.indexOf(Math.max(...hours.map((watts) => watts ?? -1)))
  return (
    <svg
      class="strip"
      width={24 * cell}
      height={HEIGHT_PX}
      role="img"
      aria-label={peak < 0 ? texts.energy.nothingByHour : texts.energy.mostAt(hourText(peak))}
    >
      {hours.map((watts, hour) =>
        watts === null ? null : (
          <rect
            key={hour}
            x={hour * cell}
            width={cell - (isPhone ? 0.5 : 1)}
            height={HEIGHT_PX}
            fill={`color-mix(in oklab, ${hue} ${Math.round(8 + (92 * Math.max(0, watts)) / most)}%, var(--bg))`}
          />
        ),
      )}
    </svg>
  )
}
