import { useRef } from 'preact/hooks'
import { heldOrder } from './figures.ts'

interface Keyed {
  readonly key: string
}

/** By power; while the same ones are known, they pass each other only as `heldOrder` lets them. */
export function useHeldOrder<Item extends Keyed>(
  items: readonly Item[],
  wattsOf: (item: Item) => number | null,
): readonly Item[] {
  const held = useRef({ known: '', keys: new Array<string>() })
  const known = items.map((item) => (wattsOf(item) === null ? '' : item.key)).join('\n')
  const byKey = new Map(items.map((item) => [item.key, item]))
  const before = known === held.current.known ? held.current.keys.flatMap((key) => byKey.get(key) ?? []) : []
  const order =
    before.length === items.length
      ? heldOrder(before, wattsOf)
      : items.toSorted((a, b) => (wattsOf(b) ?? -1) - (wattsOf(a) ?? -1))
  held.current = { known, keys: order.map(({ key }) => key) }
  return order
}
