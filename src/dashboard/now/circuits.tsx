import type { JSX } from 'preact'
import type { Column, Now } from '../api/answers.ts'
import { Tick } from '../chart/captions.tsx'
import { HATCH, linePath, sumKnown } from '../chart/lines.tsx'
import { useIsPhone } from '../chart/use-width.ts'
import { token, type Group } from '../page/colours.ts'
import { useKnown } from '../page/page.ts'
import { rounded } from '../text/number.ts'
import { texts } from '../text/texts.ts'
import type { Moment } from './equation.tsx'

const QUIET_W = 2.5

/** By power, with the last hour as a line; adds up to the house as shown. */
export function Circuits({ now, groups, unmetered }: Moment): JSX.Element {
  const { house } = useKnown()
  const isPhone = useIsPhone()
  const rows = groups
    .flatMap(({ circuits }) => circuits)
    .map(({ id, name, token: hue }) => {
      return { id, name, fill: token(hue), watts: now?.channels[id] ?? null, hour: now?.hour.channels[id] ?? [] }
    })
    .toSorted((a, b) => (b.watts ?? -1) - (a.watts ?? -1))
  const rest = {
    id: texts.unmetered,
    name: texts.unmetered,
    fill: HATCH,
    watts: unmetered,
    hour: now?.hour.unmetered ?? [],
  }
  const most = Math.max(1, ...rows.map(({ watts }) => watts ?? 0))
  return (
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
        {[...rows, ...(house.hasMains ? [rest] : [])].map((row) => (
          <CircuitRow key={row.id} {...row} most={most} isPhone={isPhone} />
        ))}
      </tbody>
      <tfoot>
        <tr class="sum">
          <th scope="row">{house.hasMains ? texts.house : texts.now.together}</th>
          <td />
          <td class="num">{rounded(house.hasMains ? now?.watts.house : now && circuitsOf(now, groups))}</td>
          <td />
        </tr>
      </tfoot>
    </table>
  )
}

/** Of those that are known, as their rows show them; null where none is. */
export function circuitsOf({ channels }: Now, groups: readonly Group[]): number | null {
  const ids = groups.flatMap(({ circuits }) => circuits.map(({ id }) => id))
  return sumKnown(ids.map((id) => (channels[id] == null ? null : Math.round(channels[id]))))
}

interface CircuitRowProps {
  readonly name: string
  readonly fill: string
  readonly watts: number | null
  readonly hour: Column
  readonly most: number
  readonly isPhone: boolean
}

function CircuitRow({ name, fill, watts, hour, most, isPhone }: CircuitRowProps): JSX.Element {
  const barPx = isPhone ? 62 : 104
  return (
    <tr class={watts === null || Math.abs(watts) < QUIET_W ? 'zero' : ''}>
      <th scope="row">
        <Tick fill={fill} />
        {name}
      </th>
      <td>
        <svg width={barPx} height="8" aria-hidden="true">
          <rect width={Math.max(0, Math.min(1, (watts ?? 0) / most) * barPx)} height="8" fill={fill} class="band" />
        </svg>
      </td>
      <td class="num">{rounded(watts)}</td>
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
