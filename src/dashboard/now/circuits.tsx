import { Fragment, type JSX } from 'preact'
import { useMemo, useState } from 'preact/hooks'
import type { Column, House, Now } from '../api/answers.ts'
import { Tick } from '../chart/captions.tsx'
import { HATCH, linePath, sumKnown } from '../chart/lines.tsx'
import { useIsPhone } from '../chart/use-width.ts'
import type { Group } from '../page/colours.ts'
import { Link } from '../page/link.tsx'
import { useKnown } from '../page/page.ts'
import { listedBriefly, rounded } from '../text/number.ts'
import { texts } from '../text/texts.ts'
import { circuitRows, hourTogether, wattsTogether, type CircuitRow } from './circuit-rows.ts'
import type { Moment } from './equation.tsx'
import type { Figures } from './figures.ts'
import { useHeldOrder } from './use-held-order.ts'

const QUIET_W = 2.5
/** Rows at first, and with each press of the button; a house has fewer. */
const MORE = 100

/** By power, with the last hour as a line; adds up to the house as shown. */
export function Circuits({ now, figures, groups, unmetered, unmeteredEarlier, silent }: Moment): JSX.Element {
  const { house, formatter } = useKnown()
  const isPhone = useIsPhone()
  const [unfolded, setUnfolded] = useState<ReadonlySet<string>>(new Set())
  const [limit, setLimit] = useState(MORE)
  const all = useMemo(() => circuitRows(house, groups), [house, groups])
  const wattsOf = (row: CircuitRow) => wattsTogether(row, figures.channels)
  const rows = useHeldOrder(all, wattsOf)
  const most = Math.max(1, ...rows.map((row) => wattsOf(row) ?? 0))
  const line = (row: CircuitRow) => ({
    ...row,
    watts: wattsOf(row),
    // Shown, and in no sum.
    earlier: hourTogether(row, now?.hour.channels).findLast((watts) => watts !== null) ?? null,
    hour: hourTogether(row, now?.hour.channels),
    most,
    isPhone,
  })
  const last = silent.flatMap((device) => {
    const atMs = lastMinute(house, now, device)
    return atMs === undefined ? [] : `${device} ${texts.now.at(formatter.when(atMs))}`
  })
  const fold = (key: string) =>
    setUnfolded((before) => new Set(before.has(key) ? [...before].filter((each) => each !== key) : [...before, key]))
  return (
    <>
      <table class="circ">
        <colgroup>
          <col />
          <col class="bar-col" />
          <col class="watt-col" />
          <col class="hour-col" />
        </colgroup>
        <thead>
          <tr>
            <th scope="col">{texts.now.circuit}</th>
            <td />
            <th scope="col" class="num">
              W
            </th>
            <th scope="col" class="num">
              {texts.now.lastHour}
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, limit).map((row) => {
            const isOpen = unfolded.has(row.key)
            const onFold = row.legs.length > 0 ? () => fold(row.key) : undefined
            return (
              <Fragment key={row.key}>
                <CircuitLine {...line(row)} isOpen={isOpen} onFold={onFold} />
                {isOpen && row.legs.map((leg) => <CircuitLine {...line(leg)} key={leg.key} isLeg />)}
              </Fragment>
            )
          })}
          {house.hasMains && (
            <CircuitLine
              name={texts.unmetered}
              fill={HATCH}
              watts={unmetered}
              earlier={unmeteredEarlier}
              hour={now?.hour.unmetered ?? []}
              most={most}
              isPhone={isPhone}
            />
          )}
        </tbody>
        <tfoot>
          <tr class="sum">
            <th scope="row">{house.hasMains ? texts.house : texts.now.together}</th>
            <td />
            <td class="num">{rounded(house.hasMains ? figures.watts.house : circuitsOf(figures, groups))}</td>
            <td />
          </tr>
        </tfoot>
      </table>
      {limit < rows.length && (
        <button class="btn" onClick={() => setLimit(limit + MORE)}>
          {texts.finder.more(Math.min(MORE, rows.length - limit))}
        </button>
      )}
      {last.length > 0 && <p class="sub">{texts.now.earlier(listedBriefly(last))}</p>}
    </>
  )
}

/** The newest minute of the last hour that any circuit of a device has. */
function lastMinute({ channels }: House, now: Now | undefined, device: string): number | undefined {
  if (now === undefined) return undefined
  const columns = channels.filter((channel) => channel.device === device).map(({ id }) => now.hour.channels[id] ?? [])
  const last = Math.max(-1, ...columns.map((column) => column.findLastIndex((watts) => watts !== null)))
  return last < 0 ? undefined : now.hour.fromMs + last * now.hour.stepMs
}

/** Of those that are known, as their rows show them; null where none is. */
export function circuitsOf({ channels }: Figures, groups: readonly Group[]): number | null {
  const ids = groups.flatMap(({ circuits }) => circuits.map(({ id }) => id))
  return sumKnown(ids.map((id) => (channels[id] == null ? null : Math.round(channels[id]))))
}

interface CircuitLineProps {
  readonly name: string
  /** What Power shows of it. */
  readonly ids?: readonly string[]
  readonly fill: string
  readonly watts: number | null
  /** The last that is stored of the last hour, where it is not known as now. */
  readonly earlier?: number | null
  readonly hour: Column
  readonly most: number
  readonly isPhone: boolean
  readonly isLeg?: boolean
  readonly isOpen?: boolean
  /** Of an appliance on several legs. */
  readonly onFold?: (() => void) | undefined
}

function CircuitLine(props: CircuitLineProps): JSX.Element {
  const { name, ids, fill, watts, earlier = null, hour, most, isPhone, isLeg = false, isOpen, onFold } = props
  const barPx = isPhone ? 62 : 104
  const isEarlier = watts === null && earlier !== null
  const isQuiet = isEarlier || watts === null || Math.abs(watts) < QUIET_W
  return (
    <tr class={`${isQuiet ? 'zero' : ''} ${isLeg ? 'leg' : ''}`}>
      <th scope="row">
        <Tick fill={fill} />
        {ids === undefined ? (
          name
        ) : (
          <Link view="power" query={{ ch: ids.join(',') }}>
            {name}
          </Link>
        )}
        {onFold && <button class="fold" aria-expanded={isOpen} aria-label={texts.now.legsOf(name)} onClick={onFold} />}
      </th>
      <td>
        <svg width={barPx} height="8" aria-hidden="true">
          <rect width={Math.max(0, Math.min(1, (watts ?? 0) / most) * barPx)} height="8" fill={fill} class="band" />
        </svg>
      </td>
      <td class="num">{rounded(isEarlier ? earlier : watts)}</td>
      <td class="num">
        <HourLine column={hour} widthPx={isPhone ? 62 : 84} />
      </td>
    </tr>
  )
}

const HEIGHT_PX = 16
const LEAST_TOP_W = 40

function HourLine({ column, widthPx }: { column: Column; widthPx: number }): JSX.Element {
  const top = Math.max(LEAST_TOP_W, ...column.map((watts) => watts ?? 0))
  const path = linePath(
    column,
    (index) => (index / Math.max(1, column.length - 1)) * widthPx,
    (watts) => HEIGHT_PX - 1.5 - (Math.max(0, watts) / top) * (HEIGHT_PX - 3),
  )
  return (
    <svg width={widthPx} height={HEIGHT_PX} class="hour-line" aria-hidden="true">
      <path d={path} fill="none" stroke="var(--ink-2)" stroke-width="1" />
    </svg>
  )
}
