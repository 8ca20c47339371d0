import { useRef } from 'preact/hooks'
import { heldOrder } from './figures.ts'

interface Keyed {
  readonly key: string
}

/** By power, and from then on only as far apart as `heldOrder` lets them pass each other. */
export function useHeldOrder<Item extends Keyed>(
  items: readonly Item[],
  wattsOf: (item: Item) => number | null,
): readonly Item[] {
  const held = useRef<readonly string[]>([])
  const byKey = new Map(items.map((item) => [item.key, item]))
  const before = held.current.flatMap((key) => byKey.get(key) ?? [])
  const order =
    before.length === items.length && held.current.length === items.length
      ? heldOrder(before, wattsOf)
      : items.toSorted((a, b) => (wattsOf(b) ?? -1) - (wattsOf(a) ?? -1))
  // What is not known yet has no order.
  held.current = items.some((item) => wattsOf(item) !== null) ? order.map(({ key }) => key) : []
  return order
}
