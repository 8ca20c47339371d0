import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { Power } from '../api/answers.ts'
import { shownSources } from '../chart/captions.tsx'
import { useIsPhone } from '../chart/use-width.ts'
import { token, type Group } from '../page/colours.ts'
import { Swatch } from '../page/glyph.tsx'
import { useKnown } from '../page/page.ts'
import { UNKNOWN, rounded } from '../text/number.ts'
import { texts } from '../text/texts.ts'
import { toggle } from './lanes.ts'
import { pointTime } from './range.ts'

interface ReadoutProps {
  readonly power: Power | undefined
  readonly groups: readonly Group[]
  readonly chosen: ReadonlySet<string> | undefined
  readonly at: number
  readonly onChoose: (chosen: ReadonlySet<string> | undefined) => void
}

/** Legend, picker and hover in one: the time first, then watts. */
export function Readout({ power, groups, chosen, at, onChoose }: ReadoutProps): JSX.Element {
  const { formatter, house } = useKnown()
  const isPhone = useIsPhone()
  const [toggled, setToggled] = useState<ReadonlySet<string>>(new Set())
  const time = power && power.house.house.length > 0 ? pointTime(power, at, formatter) : undefined
  const all = groups.flatMap(({ circuits }) => circuits.map(({ id }) => id))
  const largest = groups.toSorted((a, b) => sumAt(power, b, at) - sumAt(power, a, at))[0]?.name
  const isOpen = (name: string) => (isPhone && name !== largest) === toggled.has(name)
  const fold = (name: string) =>
    setToggled(toggled.has(name) ? new Set([...toggled].filter((one) => one !== name)) : new Set(toggled).add(name))
  const first = all[0]
  return (
    <div class="readout">
      <div class="t">
        {time?.clock ?? UNKNOWN} <span class="dim">{time ? texts.power.inWatts(time.rest) : ''}</span>
      </div>
      <table>
        <tbody>
          {shownSources(house, power?.house.toGrid[at]).map(({ of, label, key }) => (
            <tr key={key}>
              <th scope="row">
                <Swatch of={of} /> {label}
              </th>
              <td class="num">{rounded(power?.house[key][at])}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <div class="bar">
        <h2>{texts.channels}</h2>
        <span class="end">
          <button class="btn quiet" onClick={() => first !== undefined && onChoose(new Set([first]))}>
            {texts.power.one}
          </button>
          <button class="btn quiet" onClick={() => onChoose(undefined)}>
            {texts.power.all}
          </button>
        </span>
      </div>
      <table>
        <tbody>
          {groups.map((group) => (
            <GroupRows
              key={group.name}
              group={group}
              power={power}
              at={at}
              isOpen={isOpen(group.name)}
              onFold={isPhone ? () => fold(group.name) : undefined}
              picking={{ chosen, all, onChoose }}
            />
          ))}
          {house.hasMains && (
            <tr class="grp">
              <th scope="row">
                <i class="hatch-box" />
                {texts.unmetered}
              </th>
              <td class="num">{rounded(power?.house.unmetered[at])}</td>
            </tr>
          )}
        </tbody>
      </table>
    </div>
  )
}

function sumAt(power: Power | undefined, { circuits }: Group, at: number): number {
  return circuits.reduce((sum, { id }) => sum + (power?.channels[id]?.[at] ?? 0), 0)
}

interface Picking extends Pick<ReadoutProps, 'chosen' | 'onChoose'> {
  readonly all: readonly string[]
}

interface GroupRowsProps {
  readonly group: Group
  readonly power: Power | undefined
  readonly at: number
  readonly isOpen: boolean
  readonly onFold: (() => void) | undefined
  readonly picking: Picking
}

function GroupRows({ group, power, at, isOpen, onFold, picking }: GroupRowsProps): JSX.Element {
  const ids = group.circuits.map(({ id }) => id)
  const watts = ids.map((id) => power?.channels[id]?.[at] ?? null)
  const sum = watts.reduce((total, one) => (total === null || one === null ? null : total + one), 0)
  return (
    <>
      <tr class="grp">
        <th scope="row">
          <Box label={group.name} colour={token(group.token)} ids={ids} picking={picking} />
          {onFold && (
            <button
              class="btn quiet"
              aria-expanded={isOpen}
              aria-label={(isOpen ? texts.power.lessOf : texts.power.moreOf)(group.name)}
              onClick={onFold}
            >
              {isOpen ? texts.power.less : texts.power.more}
            </button>
          )}
        </th>
        <td class="num">{rounded(sum)}</td>
      </tr>
      {isOpen &&
        group.circuits.map(({ id, name, colour }) => (
          <tr key={id} class="lane">
            <th scope="row">
              <Box label={name} colour={colour} ids={[id]} picking={picking} />
            </th>
            <td class="num">{rounded(power?.channels[id]?.[at])}</td>
          </tr>
        ))}
    </>
  )
}

interface BoxProps {
  readonly label: string
  readonly colour: string
  readonly ids: readonly string[]
  readonly picking: Picking
}

/** Switches circuits on or off; a double click leaves only them. */
function Box({ label, colour, ids, picking: { chosen, all, onChoose } }: BoxProps): JSX.Element {
  const onCount = ids.filter((id) => chosen === undefined || chosen.has(id)).length
  return (
    <label onDblClick={() => onChoose(new Set(ids))}>
      <input
        type="checkbox"
        checked={onCount === ids.length}
        indeterminate={onCount > 0 && onCount < ids.length}
        style={{ '--c': colour }}
        onChange={() => onChoose(toggle(chosen, ids, all))}
      />
      {label}
    </label>
  )
}
