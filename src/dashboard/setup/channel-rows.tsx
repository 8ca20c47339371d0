import type { JSX } from 'preact'
import { useId, useState } from 'preact/hooks'
import type { LiveReadings, Setup } from '../api/answers.ts'
import { useKnown } from '../page/page.ts'
import { powerText } from '../text/number.ts'
import { texts } from '../text/texts.ts'
import { type ChannelChoice, type Choices, type Role, type Row, rowsOf } from './choices.ts'
import { ColourChoice, ErrorText, Fixed, isFixed, mistakesOf, ReasonText, type PartsProps } from './field.tsx'

const ROLES = ['mains', 'solar', 'circuit'] as const satisfies Role[]

/** What each channel measures now, what it is, what it is called and how it is coloured. */
export function ChannelRows(props: PartsProps): JSX.Element {
  const { setup, choices, mistakes } = props
  const [apart, setApart] = useState<ReadonlySet<string>>(new Set())
  const toggle = (appliance: string) => {
    const others = [...apart].filter((each) => each !== appliance)
    setApart(new Set(apart.has(appliance) ? others : [...others, appliance]))
  }
  return (
    <>
      <Fixed setup={setup} keys={['mains', 'solar', 'groups', 'names', 'colours']} />
      <ErrorText id="wrong-roles" of={[...mistakesOf(mistakes, 'mains'), ...mistakesOf(mistakes, 'solar')]} />
      <table class="setup-channels">
        <thead>
          <tr>
            <th scope="col">{texts.setup.channel}</th>
            <th scope="col" class="num">
              {texts.views.now}
            </th>
            <th scope="col">{texts.setup.role}</th>
            <th scope="col">{texts.setup.name}</th>
            <th scope="col">{texts.setup.group}</th>
            <th scope="col">{texts.setup.colour}</th>
          </tr>
        </thead>
        <tbody>
          {rowsOf(choices, setup, apart).map((row) => (
            <ChannelRow key={row.locations.join('/')} {...props} row={row} apart={apart} toggle={toggle} />
          ))}
        </tbody>
      </table>
    </>
  )
}

interface RowProps extends PartsProps {
  readonly row: Row
  readonly apart: ReadonlySet<string>
  readonly toggle: (appliance: string) => void
}

function ChannelRow(props: RowProps): JSX.Element | null {
  const { setup, choices, choose, mistakes, row } = props
  const { locations } = row
  const [location = ''] = locations
  const choice = choices.channels.get(location)
  if (!choice) return null
  const change = (changed: readonly string[], part: Partial<ChannelChoice>) =>
    choose(withChannels(choices, changed, part))
  const cell = { ...props, location, choice, whose: row.appliance ?? location }
  return (
    <tr>
      <th scope="row">
        <RowHead {...props} />
      </th>
      <td class="num">
        <RowWatts setup={setup} locations={locations} />
      </td>
      <td>
        <RoleField {...cell} change={(role) => change(locations, { role })} />
      </td>
      <td>
        {locations.map((each) => (
          <NameField
            key={each}
            location={each}
            value={choices.channels.get(each)?.name ?? ''}
            wrong={mistakesOf(mistakes, 'names', each)}
            isOff={isFixed(setup, 'names')}
            choose={(name) => change([each], { name })}
          />
        ))}
      </td>
      <td>{choice.role === 'circuit' && <GroupField {...cell} change={(group) => change(locations, { group })} />}</td>
      <td>
        {choice.role === 'circuit' && (
          <ColourChoice
            label={texts.setup.of(texts.setup.colour, cell.whose)}
            value={choice.colour}
            shown={props.shownColours.get(location)}
            leftOut={texts.setup.ofGroup}
            isOff={isFixed(setup, 'colours')}
            choose={(colour) => change(locations, { colour })}
          />
        )}
      </td>
    </tr>
  )
}

interface FieldProps<Value> extends PartsProps {
  readonly location: string
  readonly choice: ChannelChoice
  /** The appliance or the location that it is a choice for. */
  readonly whose: string
  readonly change: (value: Value) => void
}

function RoleField({ setup, location, choice, whose, change }: FieldProps<Role>): JSX.Element {
  return (
    <>
      <select
        aria-label={texts.setup.of(texts.setup.role, whose)}
        disabled={isFixed(setup, 'mains', 'solar')}
        value={choice.role}
        onChange={({ currentTarget }) => change(ROLES.find((role) => role === currentTarget.value) ?? 'circuit')}
      >
        {ROLES.map((role) => (
          <option key={role} value={role}>
            {texts.setup.roles[role]}
          </option>
        ))}
      </select>
      <ReasonText of={roleReason(setup, location, choice.role)} />
    </>
  )
}

function GroupField({ setup, choices, location, choice, whose, change }: FieldProps<string>): JSX.Element {
  return (
    <>
      <select
        aria-label={texts.setup.of(texts.setup.group, whose)}
        disabled={isFixed(setup, 'groups')}
        value={choice.group}
        onChange={({ currentTarget }) => change(currentTarget.value)}
      >
        <option value="">{texts.setup.noGroup}</option>
        {choices.groups.map(({ key, name }) => (
          <option key={key} value={key}>
            {name || texts.setup.unnamedGroup}
          </option>
        ))}
      </select>
      <ReasonText of={groupReason(setup, location, choice.group)} />
    </>
  )
}

interface NameFieldProps {
  readonly location: string
  readonly value: string
  readonly wrong: readonly string[]
  readonly isOff: boolean
  readonly choose: (name: string) => void
}

function NameField({ location, value, wrong, isOff, choose }: NameFieldProps): JSX.Element {
  const id = useId()
  return (
    <>
      <input
        aria-label={texts.setup.of(texts.setup.name, location)}
        aria-invalid={wrong.length > 0}
        aria-describedby={id}
        disabled={isOff}
        placeholder={location}
        value={value}
        onInput={({ currentTarget }) => choose(currentTarget.value)}
      />
      <ErrorText id={id} of={wrong} />
    </>
  )
}

function withChannels(choices: Choices, locations: readonly string[], part: Partial<ChannelChoice>): Choices {
  const channels = new Map(choices.channels)
  for (const location of locations) {
    const before = channels.get(location)
    if (before) channels.set(location, { ...before, ...part })
  }
  return { ...choices, channels }
}

function RowHead({ setup, row: { appliance, locations }, apart, toggle }: RowProps): JSX.Element {
  const own = setup.channels.filter(({ location }) => locations.includes(location))
  const devices = [...new Set(own.map(({ device }) => device))].join(', ')
  const [location = ''] = locations
  const separated = setup.proposal.legs.find(({ name, locations: legs }) => apart.has(name) && legs[0] === location)
  return (
    <>
      {appliance ?? location}
      <small class="dim">
        {[
          devices,
          ...(appliance === undefined ? [] : [texts.setup.legs(locations.join(', '))]),
          ...(own.every(({ kind }) => kind === 'output') ? [texts.setup.computed] : []),
        ].join('; ')}
      </small>
      {appliance !== undefined && (
        <button class="btn quiet" aria-label={texts.setup.setApartLabel(appliance)} onClick={() => toggle(appliance)}>
          {texts.setup.setApart}
        </button>
      )}
      {separated && (
        <button
          class="btn quiet"
          aria-label={texts.setup.joinLabel(separated.name)}
          onClick={() => toggle(separated.name)}
        >
          {texts.setup.join}
        </button>
      )}
    </>
  )
}

function RowWatts({ setup, locations }: { setup: Setup; locations: readonly string[] }): JSX.Element {
  const { live, formatter } = useKnown()
  const found = readingOf(setup, locations, live.readings.value)
  return (
    <>
      {powerText(found.watts)}
      {found.watts !== null && (
        <small class="dim">{found.atMs === undefined ? texts.setup.now : formatter.when(found.atMs)}</small>
      )}
    </>
  )
}

interface ChannelReading {
  readonly watts: number | null
  /** Of the oldest minute; left out: they were read just now. */
  readonly atMs?: number
}

/** As the devices tell now; where they do not, the newest minute. All together. */
function readingOf({ channels }: Setup, locations: readonly string[], live: LiveReadings | undefined): ChannelReading {
  const own = channels.filter(({ location }) => locations.includes(location))
  const present = own.map(({ id, device }) => live?.devices.find(({ name }) => name === device)?.channels[id] ?? null)
  const liveWatts = sumOf(present)
  if (liveWatts !== null) return { watts: liveWatts }
  const atMs = Math.min(...own.flatMap((channel) => channel.atMs ?? []))
  return { watts: Number.isFinite(atMs) ? sumOf(own.map(({ watts }) => watts)) : null, atMs }
}

/** Null where one of them is not known. */
const sumOf = (all: readonly (number | null)[]): number | null =>
  all.reduce((sum, watts) => (sum === null || watts === null ? null : sum + watts), 0)

function roleReason({ proposal }: Setup, location: string, role: Role): string | undefined {
  const proposed = role === 'circuit' ? undefined : proposal[role]
  return proposed?.locations.includes(location) ? proposed.reason : undefined
}

function groupReason({ proposal }: Setup, location: string, key: string): string | undefined {
  return proposal.groups.find(({ name, locations }) => name === key && locations.includes(location))?.reason
}
