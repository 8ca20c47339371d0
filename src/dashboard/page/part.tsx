import type { ComponentChildren, JSX } from 'preact'
import { useState } from 'preact/hooks'
import { FailingPart } from './failing-part.tsx'

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
                Table
              </button>
            )}
          </span>
        )}
      </div>
      <FailingPart>{isTable && table ? table() : children}</FailingPart>
    </>
  )
}
