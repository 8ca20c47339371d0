import type { JSX } from 'preact'
import type { House, Now } from '../api/answers.ts'
import { FigureText, Swatch } from '../page/glyph.tsx'
import { useKnown } from '../page/page.ts'
import { power, powerText, shareText, UNKNOWN } from '../text/number.ts'
import type { Telling } from '../text/time.ts'
import { partsOf, type Balance } from './balance.ts'

interface EquationProps {
  readonly now: Now | undefined
  readonly shown: Balance
  readonly unmetered: number | null
  /** The time of figures that are not those of now. */
  readonly at: string | undefined
}

/** Solar + from the grid = house + to the grid, adding up as shown; Unmetered beside it. */
export function Equation({ now, shown, unmetered, at }: EquationProps): JSX.Element {
  const { house, telling } = useKnown()
  const since = (of: 'fromGrid' | 'toGrid') => (now === undefined ? '' : noneSince(now, of, telling))
  return (
    <div class="reads eq">
      <Read
        of="solar"
        label="Solar"
        at={at}
        watts={shown.solar}
        below={<Parts parts={solarParts(house, now)} sum={shown.solar} />}
      />
      <Sign sign="+" />
      <Read
        of="import"
        label="From the grid"
        at={at}
        watts={shown.fromGrid}
        below={(shown.fromGrid ?? 0) > 0 ? `${shareText(shown.fromGrid, shown.house)} of the house` : since('fromGrid')}
      />
      <Sign sign="=" />
      <Read
        of="house"
        label="House"
        at={at}
        watts={shown.house}
        below={<Parts parts={legs(house, now)} sum={shown.house} />}
      />
      <Sign sign="+" />
      <Read
        of="export"
        label="To the grid"
        at={at}
        watts={shown.toGrid}
        below={(shown.toGrid ?? 0) > 0 ? `${shareText(shown.toGrid, shown.solar)} of solar` : since('toGrid')}
      />
      <div class="read">
        <div class="l">
          Unmetered <At at={unmetered === null ? undefined : at} />
        </div>
        <div class={unmetered === null ? 'n dim' : 'n'}>
          <FigureText figure={power(unmetered)} />
        </div>
        <div class="s">
          {unmetered === null ? 'needs a minute of all devices' : `${shareText(unmetered, shown.house)} of the house`}
        </div>
      </div>
    </div>
  )
}

interface ReadProps {
  readonly of: string
  readonly label: string
  readonly at: string | undefined
  readonly watts: number | null
  readonly below: JSX.Element | string
}

function Read({ of, label, at, watts, below }: ReadProps): JSX.Element {
  return (
    <div class="read">
      <div class="l">
        <Swatch of={of} />
        {label} <At at={watts === null ? undefined : at} />
      </div>
      <div class={watts === null ? 'n dim' : 'n'}>
        <FigureText figure={power(watts)} />
      </div>
      <div class="s">{below}</div>
    </div>
  )
}

function At({ at }: { at: string | undefined }): JSX.Element | null {
  return at === undefined ? null : <span class="at">at {at}</span>
}

function Sign({ sign }: { sign: string }): JSX.Element {
  return (
    <div class="op" aria-hidden="true">
      {sign}
    </div>
  )
}

interface Part {
  readonly name: string
  readonly watts: number
}

function Parts({ parts, sum }: { parts: readonly Part[]; sum: number | null }): JSX.Element {
  if (sum === null || sum === 0 || parts.length < 2) return <>{'\u00a0'}</>
  const step = sum >= 1000 && parts.every(({ watts }) => watts >= 1000) ? 10 : 1
  const shown = partsOf(
    sum,
    parts.map(({ watts }) => watts),
    step,
  )
  return (
    <>
      {parts.map(({ name }, index) => (
        <span key={name}>
          {index > 0 ? ', ' : ''}
          <b>{name}</b> {powerText(shown[index])}
        </span>
      ))}
    </>
  )
}

/** The two legs of the trunk, where they are what the house uses. */
function legs({ wiring, channels }: House, now: Now | undefined): readonly Part[] {
  if (now === undefined || wiring !== 'ahead') return []
  return channels
    .filter(({ role }) => role === 'mains')
    .map(({ id }, index) => ({ name: `L${index + 1}`, watts: now.channels[id] ?? 0 }))
}

/** The inverters, by their label `pair` where they have one, named by what tells them apart. */
function solarParts({ channels }: House, now: Now | undefined): readonly Part[] {
  if (now === undefined) return []
  const sums = new Map<string, number>()
  for (const { id, role, labels } of channels) {
    const name = labels['pair'] ?? id
    if (role === 'solar') sums.set(name, (sums.get(name) ?? 0) + (now.channels[id] ?? 0))
  }
  const names = [...sums.keys()]
  const common = commonStart(names)
  return [...sums].map(([name, watts]) => ({ name: name.slice(common) || name, watts }))
}

function commonStart([first = '', ...others]: readonly string[]): number {
  let length = 0
  while (length < first.length && others.every((other) => other[length] === first[length])) length++
  return others.length === 0 ? 0 : length
}

/** Since when nothing flows that way, as far as today tells. */
function noneSince({ atMs, today, watts }: Now, of: 'fromGrid' | 'toGrid', telling: Telling): string {
  if (atMs === undefined || watts[of] === null) return UNKNOWN
  for (let index = today.house.length - 1; index >= 0; index--) {
    const house = today.house[index]
    const solar = today.solar[index]
    if (house == null || solar == null) continue
    if (of === 'fromGrid' ? house > solar : solar > house)
      return `none since ${telling.at(today.fromMs + (index + 1) * today.stepMs)}`
  }
  return 'none today'
}
