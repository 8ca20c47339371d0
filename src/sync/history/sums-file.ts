import { createHash } from 'node:crypto'
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import { makeFolder } from '../../runtime/make-folder.ts'
import { emptyDaySums, type DaySums, type SumsShape } from './day-sums.ts'

/** What the sums were made of: those of another plan are left aside. */
export interface SumsIdentity extends SumsShape {
  readonly fingerprint: string
}

const SUFFIX = '.sums'
const VERSION = 2
const headSchema = z.object({
  version: z.literal(VERSION),
  fingerprint: z.string(),
  sha256: z.string(),
  days: z.array(z.number()),
})

/** A file a month: a line of JSON, then the days as they lie in memory. */
export async function saveSums(
  folder: string,
  { month, days }: { month: string; days: readonly DaySums[] },
  { fingerprint }: SumsIdentity,
): Promise<void> {
  await makeFolder(folder)
  const body = Buffer.concat(days.flatMap(partsOf))
  const head = { version: VERSION, fingerprint, sha256: hashOf(body), days: days.map(({ fromMs }) => fromMs) }
  const path = join(folder, `${month}${SUFFIX}`)
  await writeFile(`${path}.new`, Buffer.concat([Buffer.from(`${JSON.stringify(head)}\n`), body]), { mode: 0o600 })
  await rename(`${path}.new`, path)
}

/** All that can be used; a file that is damaged, or of another plan, is as if it were not there. */
export async function loadSums(folder: string, identity: SumsIdentity): Promise<DaySums[]> {
  const names = await readdir(folder).catch(() => [])
  const days: DaySums[] = []
  for (const name of names.filter((each) => each.endsWith(SUFFIX))) {
    const path = join(folder, name)
    const read = readDays(await readFile(path), identity)
    if (read) days.push(...read)
    else await rm(path, { force: true })
  }
  return days
}

function readDays(file: Buffer, { fingerprint, ...shape }: SumsIdentity): DaySums[] | undefined {
  const end = file.indexOf('\n')
  const head = headSchema.safeParse(parseJson(file.subarray(0, Math.max(0, end)).toString()))
  const body = file.subarray(end + 1)
  if (!head.success || head.data.fingerprint !== fingerprint || head.data.sha256 !== hashOf(body)) return undefined
  let offset = 0
  return head.data.days.map((fromMs) => {
    const day = emptyDaySums(fromMs, shape)
    for (const part of partsOf(day)) offset += body.copy(part, 0, offset, offset + part.length)
    return day
  })
}

function partsOf(day: DaySums): Buffer[] {
  const bytes = [day.minutes, day.houseMinutes, day.wholeMinutes]
  const arrays = [day.counts, day.sums, day.wattHours, day.houseWattHours, day.bands, ...bytes]
  return arrays.map(({ buffer, byteOffset, byteLength }) => Buffer.from(buffer, byteOffset, byteLength))
}

function hashOf(body: Buffer): string {
  return createHash('sha256').update(body).digest('hex')
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
