import { deviceSchema } from '../../config/device-schema.ts'
import { readUrl } from '../../config/read-url.ts'
import type { Reading } from '../../config/reading.ts'
import { withoutPassword } from '../../config/show-value.ts'
import { formatMinute } from '../../model/time-window.ts'
import { UsageError } from '../usage-error.ts'
import type { StoreSetup } from './setup.ts'

/** An address as people type it: `192.168.1.7` is `http://192.168.1.7`. */
export function readAddress(text: string): Reading<string> {
  const typed = text.trim()
  return readUrl(/^[a-z][a-z0-9+.-]*:\/\//i.test(typed) || typed === '' ? typed : `http://${typed}`)
}

/** A store as `--store` names it. */
export function readStore(text: string): StoreSetup {
  if (text === 'embedded') return { type: text }
  const reading = readAddress(text)
  if ('value' in reading) return { type: 'victoriametrics', url: reading.value }
  throw new UsageError(`--store ${withoutPassword(text)}: expected ${reading.expected}, or the word embedded`)
}

/** What is wrong with it as a name of a device; undefined when nothing is. */
export function nameProblem(text: string): string | undefined {
  return problemOf(deviceSchema.shape.name.safeParse(text))
}

/** `newestMs`: of the device's log. */
export function sinceProblem(text: string, newestMs: number): string | undefined {
  const read = deviceSchema.shape.since.safeParse(text)
  if (read.data !== undefined && read.data > newestMs)
    return `expected a day that has been: the log of the device ends at ${formatMinute(newestMs)}`
  return problemOf(read)
}

function problemOf({ error }: { error?: { issues: readonly { message: string }[] } | undefined }): string | undefined {
  const issue = error?.issues[0]
  return issue && `expected ${issue.message}`
}
