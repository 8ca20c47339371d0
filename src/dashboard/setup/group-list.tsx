import type { JSX } from 'preact'
import { useId, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { texts } from '../text/texts.ts'
import type { Choices, GroupChoice } from './choices.ts'
import { ColourChoice, ErrorText, isFixed, mistakesOf, type PartsProps } from './field.tsx'

/** Groups are added, renamed, coloured and removed; what is in them is chosen beside each channel. */
export function GroupList(props: PartsProps): JSX.Element {
  const { setup, choices, choose } = props
  const { groups } = choices
  const list = useRef<HTMLUListElement>(null)
  const addButton = useRef<HTMLButtonElement>(null)
  const [added, setAdded] = useState('')
  const isOff = isFixed(setup, 'groups')
  const put = (group: GroupChoice) =>
    choose({ ...choices, groups: groups.map((each) => (each.key === group.key ? group : each)) })
  const add = () => {
    const key = newKey(groups)
    choose({ ...choices, groups: [...groups, { key, name: '', colour: '' }] })
    setAdded(key)
  }
  const remove = (key: string) => {
    choose(without(choices, key))
    addButton.current?.focus()
  }
  useLayoutEffect(() => {
    if (added !== '') list.current?.querySelector<HTMLInputElement>('li:last-child input')?.focus()
  }, [added])
  return (
    <>
      <ul ref={list} class="setup-groups">
        {groups.map((group, index) => (
          <GroupRow
            key={group.key}
            {...props}
            group={group}
            label={texts.setup.groupNumber(index + 1)}
            put={put}
            remove={remove}
          />
        ))}
      </ul>
      <button ref={addButton} class="btn" disabled={isOff} onClick={add}>
        {texts.setup.addGroup}
      </button>
    </>
  )
}

interface GroupRowProps extends PartsProps {
  readonly group: GroupChoice
  readonly label: string
  readonly put: (group: GroupChoice) => void
  readonly remove: (key: string) => void
}

function GroupRow({ setup, choices, mistakes, shownColours, group, label, put, remove }: GroupRowProps): JSX.Element {
  const { key, name, colour } = group
  const id = useId()
  const isOff = isFixed(setup, 'groups')
  const whose = name || label
  const wrong = [...mistakesOf(mistakes, 'groups', name), ...mistakesOf(mistakes, 'colours', name)]
  const members = [...choices.channels.values()].filter((each) => each.role === 'circuit' && each.group === key)
  return (
    <li>
      <input
        aria-label={texts.setup.of(texts.setup.name, label)}
        aria-invalid={wrong.length > 0}
        aria-describedby={id}
        disabled={isOff}
        value={name}
        onInput={({ currentTarget }) => put({ ...group, name: currentTarget.value })}
      />
      <ColourChoice
        label={texts.setup.of(texts.setup.colour, whose)}
        value={colour}
        shown={shownColours.get(name)}
        leftOut={texts.setup.byOrder}
        isOff={isFixed(setup, 'colours')}
        choose={(chosen) => put({ ...group, colour: chosen })}
      />
      <span class="dim">{texts.setup.circuitCount(members.length)}</span>
      <button class="btn" disabled={isOff} aria-label={texts.setup.removeLabel(whose)} onClick={() => remove(key)}>
        {texts.setup.remove}
      </button>
      <ErrorText id={id} of={wrong} />
    </li>
  )
}

function newKey(groups: readonly GroupChoice[]): string {
  const keys = new Set(groups.map(({ key }) => key))
  let number = 1
  while (keys.has(`+${number}`)) number++
  return `+${number}`
}

function without(choices: Choices, key: string): Choices {
  const channels = [...choices.channels].map(
    ([location, choice]) => [location, choice.group === key ? { ...choice, group: '' } : choice] as const,
  )
  return { ...choices, channels: new Map(channels), groups: choices.groups.filter((group) => group.key !== key) }
}
