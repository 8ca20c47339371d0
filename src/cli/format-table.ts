import { at } from '../model/at.ts'

/**
 * Lines with columns as wide as their widest cell; cells that start with a digit stand at the right. Where that is wider
 * than the terminal, a line for each cell, after its title.
 */
export function formatTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  columns = Infinity,
): string[] {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => at(row, column).length)))
  const isNumeric = head.map((_, column) => rows.every((row) => /^-?[\d.,]+( [a-z]+)?$/.test(at(row, column))))
  const format = (row: readonly string[]) =>
    row
      .map((cell, column) =>
        at(isNumeric, column) ? cell.padStart(at(widths, column)) : cell.padEnd(at(widths, column)),
      )
      .join('  ')
      .trimEnd()
  const lines = [head, ...rows].map(format)
  return lines.some(({ length }) => length > columns) ? stack(head, rows, columns) : lines
}

/** The same, two columns further in. */
export function indented(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  { columns }: { readonly columns?: number | undefined },
): string[] {
  return formatTable(head, rows, columns === undefined ? undefined : columns - 2).map((line) => `  ${line}`)
}

/** Each row a block: its first cell, and below it the others with their titles. */
function stack(head: readonly string[], rows: readonly (readonly string[])[], columns: number): string[] {
  return rows.flatMap(([first = '', ...cells]) => [
    ...wrapWords(`${at(head, 0)}: ${first}`, columns),
    ...cells.flatMap((cell, index) => wrapWords(`  ${at(head, index + 1)}: ${cell}`, columns, '    ')),
  ])
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
