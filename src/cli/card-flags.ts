import { resolve } from 'node:path'
import { openCardDevice } from '../card/open-card-device.ts'
import { systemClock } from '../runtime/clock.ts'
import { explain } from '../runtime/errors.ts'
import { silentLog } from '../runtime/log.ts'
import { UsageError } from './usage-error.ts'

interface CardChoice {
  /** Of the configuration. */
  readonly all: readonly string[]
  /** That the command is about. */
  readonly chosen: readonly string[]
}

/** By device, the path of its card, from `[DEVICE=]PATH`. @throws UsageError for what is no card, or another device's. */
export async function readCardFlags(flags: readonly string[], choice: CardChoice): Promise<Record<string, string>> {
  const cards: Record<string, string> = {}
  for (const flag of flags) {
    const { name, path, isNamed } = readCardFlag(flag, choice.chosen)
    if (Object.hasOwn(cards, name)) throw new UsageError(`--from-card was given twice for ${name}`)
    cards[name] = resolve(path)
    const ownName = await readOwnName(name, resolve(path))
    if (!isNamed && ownName !== name && choice.all.includes(ownName))
      throw new UsageError(
        `--from-card ${path}: this card calls itself ${ownName}, which is another device of the configuration; nothing was done\n  if it is the card of ${name} all the same, say so: --from-card ${name}=${path}`,
      )
  }
  return cards
}

function readCardFlag(
  flag: string,
  chosen: readonly string[],
): { readonly name: string; readonly path: string; readonly isNamed: boolean } {
  const named = chosen.find((name) => flag.startsWith(`${name}=`))
  if (named !== undefined) return { name: named, path: flag.slice(named.length + 1), isNamed: true }
  const [only, ...others] = chosen
  if (only !== undefined && others.length === 0) return { name: only, path: flag, isNamed: false }
  throw new UsageError(
    `--from-card ${flag}: the card of which device? The configuration has ${chosen.join(', ')}\n  say it so: --from-card ${only}=${flag}`,
  )
}

/** What the device of a card calls itself. */
async function readOwnName(name: string, path: string): Promise<string> {
  try {
    const card = await openCardDevice({ name, path }, { clock: systemClock, log: silentLog })
    const status = await card.status(new AbortController().signal)
    await card.close()
    return status.name
  } catch (error) {
    throw new UsageError(`--from-card: ${explain(error)}`)
  }
}
