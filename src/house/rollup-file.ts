import { createHash } from 'node:crypto'
import { readdir, readFile, rm, stat, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import { parseJson } from '../runtime/parse-json.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Log } from '../runtime/log.ts'
import { makeFolder } from '../runtime/make-folder.ts'
import { saveFile } from '../runtime/save-file.ts'
import { type DaySums, emptyDaySums } from './day-sums.ts'
import type { HousePlan } from './house-plan.ts'

const SUFFIX = '.sums'
/** Rises with what a day holds, and with the order of its columns. */
const VERSION = 4
/** So many plans are kept, those that were used last: a device that is off, or settings that are tried, cost no rebuild. */
const MAX_PLANS = 4
const FINGERPRINT = /^[0-9a-f]{16}$/
const headSchema = z.object({
  version: z.literal(VERSION),
  fingerprint: z.string(),
  sha256: z.string(),
  days: z.array(z.number()),
})

/** Sums of each plan have a folder of their own, with one file per month: a line of JSON, then the days as they lie in memory. */
export async function saveSums(
  folder: string,
  { month, days }: { month: string; days: readonly DaySums[] },
  { fingerprint }: HousePlan,
): Promise<void> {
  const own = join(folder, fingerprint)
  await makeFolder(own)
  const body = Buffer.concat(days.flatMap(partsOf))
  const head = { version: VERSION, fingerprint, sha256: hashOf(body), days: days.map(({ fromMs }) => fromMs) }
  const content = Buffer.concat([Buffer.from(`${JSON.stringify(head)}\n`), body])
  await saveFile(join(own, `${month}${SUFFIX}`), content)
}

/** All that can be used; a file that is damaged, or of another version, is as if it were not there. */
export async function loadSums(
  folder: string,
  plan: HousePlan,
  { clock, log }: { readonly clock: Clock; readonly log: Log },
): Promise<DaySums[]> {
  await dropOldest(folder, plan.fingerprint, clock.nowMs())
  const own = join(folder, plan.fingerprint)
  const days: DaySums[] = []
  const newer = new Set<number>()
  for (const path of await sumsIn(own)) {
    const file = await readFile(path)
    const read = readDays(file, plan)
    if (read) days.push(...read)
    else {
      const version = versionOf(file)
      if (version > VERSION) newer.add(version)
      await rm(path, { force: true })
    }
  }
  if (newer.size > 0)
    log.warn(
      `the rollups in ${folder} have version ${[...newer].join(', ')}, of a newer iotawatt-sync; expected version ${VERSION} or older: they are calculated again from the store`,
    )
  return days
}

async function sumsIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => [])
  return names.filter((name) => name.endsWith(SUFFIX)).map((name) => join(folder, name))
}

/** Marks a plan as used now and deletes those beyond the limit, and the files of versions that had no folders. */
async function dropOldest(folder: string, fingerprint: string, nowMs: number): Promise<void> {
  const seconds = nowMs / 1000
  await utimes(join(folder, fingerprint), seconds, seconds).catch(() => undefined)
  const others = (await readdir(folder).catch(() => [])).filter(
    (name) => FINGERPRINT.test(name) && name !== fingerprint,
  )
  const used = await Promise.all(
    others.map(async (name) => ({ path: join(folder, name), atMs: (await stat(join(folder, name))).mtimeMs })),
  )
  const oldest = used.toSorted((a, b) => b.atMs - a.atMs).slice(MAX_PLANS - 1)
  for (const path of [...oldest.map((plan) => plan.path), ...(await sumsIn(folder))])
    await rm(path, { recursive: true, force: true })
}

function headOf(file: Buffer): unknown {
  return parseJson(file.subarray(0, Math.max(0, file.indexOf('\n'))).toString())
}

function versionOf(file: Buffer): number {
  return z.object({ version: z.number() }).safeParse(headOf(file)).data?.version ?? 0
}

function readDays(file: Buffer, plan: HousePlan): DaySums[] | undefined {
  const head = headSchema.safeParse(headOf(file))
  const end = file.indexOf('\n')
  const body = file.subarray(end + 1)
  if (!head.success || head.data.fingerprint !== plan.fingerprint || head.data.sha256 !== hashOf(body)) return undefined
  let offset = 0
  return head.data.days.map((fromMs) => {
    const day = emptyDaySums(fromMs, plan)
    for (const part of partsOf(day)) offset += body.copy(part, 0, offset, offset + part.length)
    return day
  })
}

function partsOf(day: DaySums): Buffer[] {
  const bytes = [day.minutes, day.houseMinutes, day.completeMinutes]
  const arrays = [
    day.counts,
    day.sums,
    day.wattHours,
    day.houseWattHours,
    day.bands,
    day.night,
    day.net,
    day.gridShares,
    day.solarShares,
    ...bytes,
  ]
  return arrays.map(({ buffer, byteOffset, byteLength }) => Buffer.from(buffer, byteOffset, byteLength))
}

function hashOf(body: Buffer): string {
  return createHash('sha256').update(body).digest('hex')
}
