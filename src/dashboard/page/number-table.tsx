import type { JSX } from 'preact'

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
        <caption class="sub">in {unit}</caption>
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
