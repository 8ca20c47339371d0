import { resolve } from 'node:path'
import { findCard } from '../card/find-card.ts'
import { explain } from '../runtime/errors.ts'
import { UsageError } from './usage-error.ts'

/** By device, the path of its card, from `[DEVICE=]PATH`. */
export function readCardFlags(
  flags: readonly string[],
  devices: readonly { readonly name: string }[],
): Record<string, string> {
  const cards: Record<string, string> = {}
  for (const flag of flags) {
    const { name, path } = readCardFlag(flag, devices)
    if (Object.hasOwn(cards, name)) throw new UsageError(`--from-card was given twice for ${name}`)
    cards[name] = checkCard(resolve(path))
  }
  return cards
}

function readCardFlag(flag: string, devices: readonly { readonly name: string }[]): { name: string; path: string } {
  const named = devices.find(({ name }) => flag.startsWith(`${name}=`))
  if (named) return { name: named.name, path: flag.slice(named.name.length + 1) }
  const [only, ...others] = devices
  if (only && others.length === 0) return { name: only.name, path: flag }
  const names = devices.map(({ name }) => name).join(', ')
  throw new UsageError(
    `--from-card ${flag}: the card of which device? The configuration has ${names}\n  say it so: --from-card ${only?.name}=${flag}`,
  )
}

function checkCard(path: string): string {
  try {
    findCard(path)
    return path
  } catch (error) {
    throw new UsageError(`--from-card: ${explain(error)}`)
  }
}
