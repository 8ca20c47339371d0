import { Component, type ComponentChildren, type JSX } from 'preact'
import { useState } from 'preact/hooks'
import { messageOf } from '../text/failure-words.ts'
import { texts } from '../text/texts.ts'

interface PartProps {
  readonly title: ComponentChildren
  readonly sub?: ComponentChildren
  /** At the right end of the head. */
  readonly end?: ComponentChildren
  /** The same in numbers. */
  readonly table?: (() => JSX.Element) | undefined
  readonly children: ComponentChildren
}

/** A part of a view under its head, which fails alone; where it is a drawing, with a switch to its numbers. */
export function Part({ title, sub, end, table, children }: PartProps): JSX.Element {
  const [isTable, setIsTable] = useState(false)
  return (
    <>
      <div class="bar">
        <h2>{title}</h2>
        {sub !== undefined && <span class="sub">{sub}</span>}
        {(end !== undefined || table !== undefined) && (
          <span class="end">
            {end}
            {table && (
              <button class="btn quiet" aria-pressed={isTable} onClick={() => setIsTable(!isTable)}>
                {texts.table}
              </button>
            )}
          </span>
        )}
      </div>
      <FailingPart>{isTable && table ? table() : children}</FailingPart>
    </>
  )
}

/** What fails reports it in its own space, with a button, and leaves its neighbours alone. */
export class FailingPart extends Component<{ children: ComponentChildren }, { problem?: string | undefined }> {
  static override getDerivedStateFromError(error: unknown): { problem: string } {
    return { problem: messageOf(error) }
  }

  override render() {
    if (this.state.problem === undefined) return this.props.children
    return (
      <div class="waiting" role="status">
        <span class="flag bad">{texts.page.notDrawn}</span> {texts.page.faultOfPage}{' '}
        <button class="btn" onClick={() => this.setState({ problem: undefined })}>
          {texts.tryAgain}
        </button>
        <Detail text={this.state.problem} />
      </div>
    )
  }
}

/** A message as it is, for whoever fixes what it is about. */
export function Detail({ text }: { text: string }): JSX.Element {
  return (
    <details class="detail">
      <summary>{texts.details}</summary>
      <code>{text}</code>
    </details>
  )
}

interface NumberTableProps {
  readonly label: string
  readonly unit: string
  /** What its rows are. */
  readonly corner: string
  readonly columns: readonly string[]
  readonly rows: readonly {
    readonly key: string | number
    readonly name: string
    readonly cells: readonly (string | number)[]
  }[]
  readonly isTall?: boolean
}

/** A chart in numbers. */
export function NumberTable({ label, unit, corner, columns, rows, isTall = false }: NumberTableProps): JSX.Element {
  return (
    <div class={isTall ? 'scroll tall' : 'scroll'} tabIndex={0} role="region" aria-label={label}>
      <table class="plain">
        <caption class="sub">{texts.inUnit(unit)}</caption>
        <thead>
          <tr>
            <th scope="col">{corner}</th>
            {columns.map((name) => (
              <th key={name} scope="col" class="num">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ key, name, cells }) => (
            <tr key={key}>
              <th scope="row">{name}</th>
              {cells.map((cell, index) => (
                <td key={columns[index]} class="num">
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
