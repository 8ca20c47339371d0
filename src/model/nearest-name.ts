import { at } from './at.ts'

const MAX_TYPED = 100

/** The known name that somebody who typed this most likely meant, if any is near. */
export function nearestName(typed: string, known: readonly string[]): string | undefined {
  if (typed.length > MAX_TYPED) return undefined
  const [nearest] = known
    .map((name) => ({ name, distance: editDistance(plain(typed), plain(name)) }))
    .filter(({ name, distance }) => distance <= Math.max(1, Math.floor(Math.min(typed.length, name.length) / 3)))
    .sort((a, b) => a.distance - b.distance)
  return nearest?.name
}

/** ` (did you mean "interval"?)`, or nothing. */
export function didYouMean(typed: string, known: readonly string[]): string {
  const name = nearestName(typed, known)
  return name === undefined ? '' : ` (did you mean "${name}"?)`
}

const plain = (name: string) => name.toLowerCase().replace(/[-_ ]/g, '')

/** Letters put in, left out or replaced, and neighbours swapped. */
function editDistance(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, column) => column)]
  const cell = (row: number, column: number) => at(at(rows, row), column)
  for (let row = 1; row <= a.length; row++) {
    const current = [row]
    rows.push(current)
    for (let column = 1; column <= b.length; column++) {
      const replaced = cell(row - 1, column - 1) + (at(a, row - 1) === at(b, column - 1) ? 0 : 1)
      const swapped =
        row > 1 && column > 1 && at(a, row - 1) === at(b, column - 2) && at(a, row - 2) === at(b, column - 1)
          ? cell(row - 2, column - 2) + 1
          : Infinity
      current.push(Math.min(replaced, swapped, cell(row - 1, column) + 1, cell(row, column - 1) + 1))
    }
  }
  return cell(a.length, b.length)
}
