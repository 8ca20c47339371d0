import type { JSX } from 'preact'
import type { House, HouseNumbers, Now } from '../api/answers.ts'
import { Reading } from '../chart/captions.tsx'
import { Link } from '../page/link.tsx'
import type { Group } from '../page/colours.ts'
import { useKnown } from '../page/page.ts'
import { listedBriefly, MINUS, power, powerText, shareText, UNKNOWN } from '../text/number.ts'
import { texts } from '../text/texts.ts'
import type { Formatter } from '../text/time.ts'
import type { Figures } from './figures.ts'

/** What is shown as now, as far as it is known. */
export interface Moment {
  /** What is stored of today. */
  readonly now: Now | undefined
  readonly figures: Figures
  readonly groups: readonly Group[]
  readonly shown: Balance
  readonly unmetered: number | null
  /** Of the newest stored minute, where it is not known as now. */
  readonly unmeteredEarlier: number | null
  /** Devices of which nothing is known of it. */
  readonly silent: readonly string[]
}

interface EquationProps extends Moment {
  /** The time of figures that are too old. */
  readonly at: string | undefined
  /** How old they are, in words. */
  readonly age: JSX.Element
}

/** House = solar + from the grid − to the grid, adding up as shown; Unmetered beside it. */
export function Equation({
  now,
  figures,
  shown,
  unmetered,
  unmeteredEarlier,
  silent,
  at,
  age,
}: EquationProps): JSX.Element | null {
  const { house, formatter } = useKnown()
  const needs = (role: 'mains' | 'solar') => {
    const devices = house.channels.filter((channel) => channel.role === role).map(({ device }) => device)
    const off = silent.filter((name) => devices.includes(name))
    return off.length > 0 ? needsText(off, figures) : undefined
  }
  const solar = (
    <Read
      of="solar"
      label={texts.solar}
      {...(house.hasMains ? { at } : { age })}
      watts={shown.solar}
      below={needs('solar') ?? <Parts parts={solarParts(house, figures)} sum={shown.solar} />}
    />
  )
  if (!house.hasMains) return house.hasSolar ? <div class="reads eq few">{solar}</div> : null
  const grid = needs('mains') ?? needs(house.wiring === 'ahead' ? 'solar' : 'mains')
  const flowText = (of: 'fromGrid' | 'toGrid', part: string) => {
    if (grid !== undefined) return grid
    if ((shown[of] ?? 0) > 0) return part
    return now === undefined || shown[of] === null ? '' : noneSince(now, of, formatter)
  }
  const hasExport = house.hasSolar || (shown.toGrid ?? 0) > 0
  const fewer = house.hasSolar ? '' : hasExport ? 'few out' : 'few'
  const restText = () => {
    if (unmetered === null) return silent.length > 0 ? needsText(silent, figures) : '\u00a0'
    return unmetered < 0 ? texts.now.addsUpToMore : texts.now.ofHouse(shareText(unmetered, shown.house))
  }
  return (
    <div class={`reads eq ${fewer}`}>
      <Read
        of="house"
        label={texts.house}
        age={age}
        watts={shown.house}
        below={needs('mains') ?? <Parts parts={legs(house, figures)} sum={shown.house} />}
      />
      <Sign sign="=" />
      {house.hasSolar && (
        <>
          {solar}
          <Sign sign="+" />
        </>
      )}
      <Read
        of="import"
        label={texts.fromGrid}
        at={at}
        watts={shown.fromGrid}
        below={flowText('fromGrid', texts.now.ofHouse(shareText(shown.fromGrid, shown.house)))}
      />
      {hasExport && (
        <>
          <Sign sign={MINUS} />
          <Read
            of="export"
            label={texts.toGrid}
            at={at}
            watts={shown.toGrid}
            below={flowText('toGrid', house.hasSolar ? texts.now.ofSolar(shareText(shown.toGrid, shown.solar)) : '')}
          />
        </>
      )}
      <Read
        label={texts.unmetered}
        at={unmetered === null && now?.atMs !== undefined ? formatter.when(now.atMs) : at}
        watts={unmetered ?? unmeteredEarlier}
        isEarlier={unmetered === null}
        below={restText()}
      />
    </div>
  )
}

const needsText = (devices: readonly string[], { isLive }: Figures): string =>
  (isLive ? texts.now.needsAnswer : texts.now.needs)(listedBriefly(devices), devices.length === 1)

interface ReadProps {
  readonly of?: string
  readonly label: string
  readonly at?: string | undefined
  readonly age?: JSX.Element
  readonly watts: number | null
  readonly isEarlier?: boolean
  readonly below: JSX.Element | string
}

function Read({ of, label, at, age, watts, isEarlier, below }: ReadProps): JSX.Element {
  const name = (
    <>
      <Link view="power">{label}</Link>{' '}
      {watts !== null && at !== undefined && <span class="at">{texts.now.at(at)}</span>}
      {age}
    </>
  )
  return <Reading of={of} label={name} figure={power(watts)} isEarlier={isEarlier} below={below} />
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
function legs({ wiring, channels }: House, figures: Figures): readonly Part[] {
  if (wiring !== 'ahead') return []
  return channels
    .filter(({ role }) => role === 'mains')
    .map(({ id }, index) => ({ name: `L${index + 1}`, watts: figures.channels[id] ?? 0 }))
}

/** The inverters, by their label `pair` where they have one, named by what tells them apart. */
function solarParts({ channels }: House, figures: Figures): readonly Part[] {
  const sums = new Map<string, number>()
  for (const { id, name: shown, role, labels } of channels) {
    const name = shown ?? labels['pair'] ?? id
    if (role === 'solar') sums.set(name, (sums.get(name) ?? 0) + (figures.channels[id] ?? 0))
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
function noneSince({ atMs, today }: Now, of: 'fromGrid' | 'toGrid', formatter: Formatter): string {
  if (atMs === undefined) return UNKNOWN
  const last = today.house.findLastIndex((house, index) => {
    const solar = today.solar[index]
    return house !== null && solar != null && (of === 'fromGrid' ? house > solar : solar > house)
  })
  return last < 0 ? texts.now.noneToday : texts.now.noneSince(formatter.at(today.fromMs + (last + 1) * today.stepMs))
}

/** The equation house = solar + from the grid − to the grid, rounded so that it adds up as shown. */
export type Balance = Pick<HouseNumbers, 'solar' | 'fromGrid' | 'house' | 'toGrid'>

/** House and solar to what their figure shows; the grid is the rest. */
export function balance({ house, solar, fromGrid, toGrid }: HouseNumbers): Balance {
  if (house === null || solar === null) return { house, solar, fromGrid, toGrid }
  const shown = roundTo(quantum(Math.max(house, solar)))
  const rest = shown(house) - shown(solar)
  return { house: shown(house), solar: shown(solar), fromGrid: Math.max(0, rest), toGrid: Math.max(0, -rest) }
}

/** What the last digit of the greatest figure stands for. */
function quantum(watts: number): number {
  if (Math.round(watts) < 1000) return 1
  return watts < 9995 ? 10 : 100
}

const roundTo = (step: number) => (watts: number) => Math.round(watts / step) * step

/** The parts of a sum as they are shown: without a fraction, the last one the rest. */
export function partsOf(sum: number, parts: readonly number[], step: number): readonly number[] {
  const rounded = parts.slice(0, -1).map(roundTo(step))
  return parts.length === 0 ? [] : [...rounded, sum - rounded.reduce((total, part) => total + part, 0)]
}
