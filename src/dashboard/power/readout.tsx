import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { House, Power } from '../api/answers.ts'
import { useIsPhone } from '../chart/use-width.ts'
import { token, type Group } from '../page/colours.ts'
import { Swatch } from '../page/glyph.tsx'
import { useKnown } from '../page/page.ts'
import { UNKNOWN, rounded } from '../text/number.ts'
import { sumColumns, toggle } from './lanes.ts'
import { pointTime } from './points.ts'

interface ReadoutProps {
  readonly power: Power | undefined
  readonly groups: readonly Group[]
  readonly chosen: ReadonlySet<string> | undefined
  readonly at: number
  readonly onChoose: (chosen: ReadonlySet<string> | undefined) => void
}

const SOURCES = [
  { of: 'solar', label: 'Solar', key: 'solar' },
  { of: 'house', label: 'House', key: 'house' },
  { of: 'import', label: 'From the grid', key: 'fromGrid' },
  { of: 'export', label: 'To the grid', key: 'toGrid' },
] as const

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
        {time?.clock ?? UNKNOWN} <span class="dim">{time ? `${time.rest}, watts` : ''}</span>
      </div>
      <table>
        <tbody>
          {SOURCES.filter(({ key }) => isShown(house, key, power?.house[key][at])).map(({ of, label, key }) => (
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
        <h2>Channels</h2>
        <span class="end">
          <button class="btn quiet" onClick={() => first !== undefined && onChoose(new Set([first]))}>
            one
          </button>
          <button class="btn quiet" onClick={() => onChoose(undefined)}>
            all
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
              isOn={(id) => chosen === undefined || chosen.has(id)}
              onToggle={(ids) => onChoose(toggle(chosen, ids, all))}
              onAlone={(ids) => onChoose(new Set(ids))}
            />
          ))}
          {house.hasMains && (
            <tr class="grp">
              <th scope="row">
                <i class="hatch-box" />
                Unmetered
              </th>
              <td class="num">{rounded(power?.house.unmetered[at])}</td>
            </tr>
          )}
        </tbody>
      </table>
    </div>
  )
}

/** Without mains there is no house, without solar nothing that comes from it. */
function isShown(
  { hasMains, hasSolar }: House,
  key: (typeof SOURCES)[number]['key'],
  watts: number | null | undefined,
): boolean {
  if (key === 'solar') return hasSolar
  if (key === 'toGrid') return hasMains && (hasSolar || (watts ?? 0) > 0)
  return hasMains
}

function sumAt(power: Power | undefined, { circuits }: Group, at: number): number {
  return circuits.reduce((sum, { id }) => sum + (power?.channels[id]?.[at] ?? 0), 0)
}

interface GroupRowsProps {
  readonly group: Group
  readonly power: Power | undefined
  readonly at: number
  readonly isOpen: boolean
  readonly onFold: (() => void) | undefined
  readonly isOn: (id: string) => boolean
  readonly onToggle: (ids: readonly string[]) => void
  readonly onAlone: (ids: readonly string[]) => void
}

function GroupRows({ group, power, at, isOpen, onFold, isOn, onToggle, onAlone }: GroupRowsProps): JSX.Element {
  const ids = group.circuits.map(({ id }) => id)
  const on = ids.filter(isOn).length
  const columns = ids.map((id) => power?.channels[id]?.slice(at, at + 1) ?? [])
  return (
    <>
      <tr class="grp">
        <th scope="row">
          <Box
            label={group.name}
            colour={token(group.token)}
            isOn={on === ids.length}
            isMixed={on > 0 && on < ids.length}
            onToggle={() => onToggle(ids)}
            onAlone={() => onAlone(ids)}
          />
          {onFold && (
            <button
              class="btn quiet"
              aria-expanded={isOpen}
              aria-label={`${isOpen ? 'less' : 'more'} of ${group.name}`}
              onClick={onFold}
            >
              {isOpen ? 'less' : 'more'}
            </button>
          )}
        </th>
        <td class="num">{rounded(sumColumns(columns, 1)[0])}</td>
      </tr>
      {isOpen &&
        group.circuits.map(({ id, colour }) => (
          <tr key={id} class="lane">
            <th scope="row">
              <Box
                label={id}
                colour={colour}
                isOn={isOn(id)}
                isMixed={false}
                onToggle={() => onToggle([id])}
                onAlone={() => onAlone([id])}
              />
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
  readonly isOn: boolean
  readonly isMixed: boolean
  readonly onToggle: () => void
  readonly onAlone: () => void
}

function Box({ label, colour, isOn, isMixed, onToggle, onAlone }: BoxProps): JSX.Element {
  return (
    <label onDblClick={onAlone}>
      <input type="checkbox" checked={isOn} indeterminate={isMixed} style={{ '--c': colour }} onChange={onToggle} />
      {label}
    </label>
  )
}
