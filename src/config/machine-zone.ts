import { realpath } from 'node:fs/promises'
import type { Environment } from './environment.ts'

export interface MachineZone {
  /** One that `Intl` knows. */
  readonly timezone: string
  /** Why it is UTC, where the machine or the environment means something else, or nothing that can be told. */
  readonly warning?: string
}

/** Where systems keep their zones: what follows in a path is the name of one. */
const ZONE_FILE = /^\/.*\/zoneinfo\/(?:posix\/|right\/)?/
const HOW = 'To choose it: house.timezone, or TZ=Europe/Berlin (or your own).'

/**
 * The zone of TZ, else of the machine; UTC where neither can be told. `Intl` by itself answers undefined, a zone that it
 * then refuses, or UTC for rules such as EST5EDT4,M3.2.0,M11.1.0.
 */
export async function findMachineZone(
  { TZ: given }: Environment,
  ofMachine = new Intl.DateTimeFormat().resolvedOptions().timeZone,
): Promise<MachineZone> {
  if (given === undefined) {
    const timezone = knownZone(ofMachine)
    return timezone ? { timezone } : utc('The time zone of this machine cannot be told')
  }
  if (given === '') return utc('TZ is set and empty')
  const timezone = knownZone(await zoneName(given))
  return timezone ? { timezone } : utc(`TZ=${JSON.stringify(given.slice(0, 100))} is no time zone that is known here`)
}

function utc(why: string): MachineZone {
  return { timezone: 'UTC', warning: `${why}: days and hours of the house are those of UTC. ${HOW}` }
}

/** A colon before it changes nothing; a path may be that of a zone, or a link to it. */
async function zoneName(given: string): Promise<string> {
  const text = given.replace(/^:/, '')
  const name = text.replace(/^(posix|right)\//, '')
  if (!text.startsWith('/')) return name
  if (ZONE_FILE.test(text)) return text.replace(ZONE_FILE, '')
  const file = await realpath(text).catch(() => text)
  return file.replace(ZONE_FILE, '')
}

/** As it is written in lists of zones; undefined where `Intl` does not take it. */
function knownZone(name: string | undefined): string | undefined {
  if (!name) return undefined
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone
  } catch {
    return undefined
  }
}
