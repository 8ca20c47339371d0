import { at } from '../model/at.ts'

/** What a table shows of each row: a cell by the title of its column. */
export type Cells<T> = Readonly<Record<string, (row: T) => string | number>>

interface TableLayout {
  /** Of the terminal; left out: there is space for everything. */
  readonly columns?: number | undefined
}

/**
 * Lines with columns as wide as their widest cell; cells that start with a digit stand at the right. Where that is wider
 * than the terminal, a line for each cell, after its title.
 */
export function formatTable<T>(
  rows: readonly T[],
  cells: Cells<T>,
  { columns = Infinity }: TableLayout = {},
): string[] {
  const padded = Object.entries(cells).map(([title, cellOf]) => {
    const texts = rows.map((row) => `${cellOf(row)}`)
    const width = Math.max(title.length, ...texts.map(({ length }) => length))
    const isNumeric = texts.every((text) => /^-?[\d.,]+( [a-z]+)?$/.test(text))
    return [title, ...texts].map((text) => (isNumeric ? text.padStart(width) : text.padEnd(width)))
  })
  const lines = Array.from({ length: rows.length + 1 }, (_, line) =>
    padded
      .map((column) => at(column, line))
      .join('  ')
      .trimEnd(),
  )
  return lines.some(({ length }) => length > columns) ? stack(rows, cells, columns) : lines
}

/** The same, two columns further in. */
export function indented<T>(rows: readonly T[], cells: Cells<T>, { columns = Infinity }: TableLayout): string[] {
  return formatTable(rows, cells, { columns: columns - 2 }).map((line) => `  ${line}`)
}

/** Each row a block: its first cell, and below it the others with their titles. */
function stack<T>(rows: readonly T[], cells: Cells<T>, columns: number): string[] {
  return rows.flatMap((row) =>
    Object.entries(cells).flatMap(([title, cellOf], index) => {
      const cell = `${title}: ${cellOf(row)}`
      return index === 0 ? wrapWords(cell, columns) : wrapWords(`  ${cell}`, columns, '    ')
    }),
  )
}

/** Broken between words; what alone is longer stays in one piece. */
function wrapWords(text: string, columns: number, indent = '  '): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(/(?<=\S) /)) {
    const longer = line === '' ? word : `${line} ${word}`
    if (line !== '' && longer.length > columns) {
      lines.push(line)
      line = `${indent}${word}`
    } else line = longer
  }
  return [...lines, line]
}
