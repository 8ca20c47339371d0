import { join } from 'node:path'
import { minuteCount, type TimeWindow } from '../../../model/time-window.ts'
import { allExpected } from '../../copy/find-missing.ts'
import { openCopy } from '../../copy/open-copy.ts'
import { withReplanning } from '../../copy/replan.ts'
import { fetchMinutes, rowsToSamples } from '../../copy/rows-to-samples.ts'
import type { DeviceWork } from '../../session/device-work.ts'
import type { Session, SyncContext } from '../../session/session.ts'
import { windowOf } from '../../session/target.ts'
import { finishReload, makeWorkFolder, removeWorkFolder, workFolderName } from './finish-reloads.ts'
import { prepareReload, type StagedSeries } from './prepare-reload.ts'
import { appendSamples, NO_SAMPLES } from './series-file.ts'

const MAX_ATTEMPTS = 8

export interface ReloadOptions {
  readonly signal: AbortSignal
  /** `seriesKey`s of what is to be reloaded. */
  readonly keys: readonly string[]
  /** Outside, what is stored stays as it is. */
  readonly sinceMs?: number
  readonly untilMs?: number
  readonly onProgress?: (progress: { doneMinutes: number; totalMinutes: number }) => void
}

export interface ReloadedSeries {
  readonly key: string
  readonly location: string
  readonly backupPath: string
  readonly samplesBefore: number
  readonly samplesAfter: number
}

/**
 * Rewrites series: the device's rows, and what was stored of the minutes that the device does not have. The rows are read
 * first, batch by batch; then each series is backed up, deleted and imported in one step, which nothing comes between.
 */
export function reloadWork(context: SyncContext, options: ReloadOptions): DeviceWork<readonly ReloadedSeries[]> {
  const { memory, settings } = context
  const { signal } = options
  const backupDir = requireBackupDir(context)
  const replan = { signal, maxAttempts: MAX_ATTEMPTS }
  const done: ReloadedSeries[] = []
  let session: Session | undefined
  let staged: readonly StagedSeries[] = []
  let complete: TimeWindow = { fromMs: 0, untilMs: 0 }
  let due: readonly StagedSeries[] = []
  let stagedUntilMs = 0

  async function begin(): Promise<Session> {
    const scope = { ...options, refuseBeyondRetention: false }
    const look = () => openCopy(context, scope, signal)
    const opened = await withReplanning(context, look, { ...replan, endsWithoutDevice: true })
    const targets = opened.targets.filter(({ key }) => options.keys.includes(key))
    memory.reload.preparing = signal
    const folder = await makeWorkFolder(backupDir, settings.deviceName)
    staged = targets.map((target, index) => ({
      target,
      window: target.expected,
      path: join(folder, `${index}.device`),
    }))
    for (const { path, target } of staged) await appendSamples(path, target.labels, NO_SAMPLES)
    if (targets.length > 0) complete = windowOf(targets)
    stagedUntilMs = complete.fromMs
    due = staged
    return opened.session
  }

  /** What the device has, one batch per step. */
  async function stageBatch({ device }: Session): Promise<void> {
    const targets = staged.map(({ target }) => target)
    const window = { fromMs: stagedUntilMs, untilMs: complete.untilMs }
    const columns = targets.map(({ column }) => column)
    const read = () => fetchMinutes(device, { columns, window }, signal)
    const batch = await withReplanning(context, read, replan)
    const { samples } = rowsToSamples(batch, targets, allExpected(targets, batch))
    for (const { target, path } of staged) {
      const own = samples.find(({ labels }) => labels === target.labels)
      if (own) await appendSamples(path, target.labels, own)
    }
    stagedUntilMs = batch.untilMs
    options.onProgress?.({
      doneMinutes: minuteCount({ ...complete, untilMs: stagedUntilMs }),
      totalMinutes: minuteCount(complete),
    })
  }

  async function rewrite(series: StagedSeries): Promise<void> {
    const prepare = { backupDir, workFolderName: workFolderName(settings.deviceName), signal }
    const journal = await withReplanning(context, () => prepareReload(context, series, prepare), replan)
    if (!journal) return
    await finishReload(context, journal, signal)
    const { backup, content, location } = journal.reload
    done.push({
      key: series.target.key,
      location,
      backupPath: join(backupDir, backup.name),
      samplesBefore: backup.sampleCount,
      samplesAfter: content.sampleCount,
    })
  }

  async function advance(): Promise<boolean> {
    if (!session) {
      session = await begin()
      return staged.length === 0
    }
    if (stagedUntilMs < complete.untilMs) {
      await stageBatch(session)
      return false
    }
    const [series, ...later] = due
    if (series) await rewrite(series)
    due = later
    return later.length === 0
  }

  return {
    async step() {
      try {
        const isDone = await advance()
        if (isDone) await removeWorkFolder(backupDir, settings.deviceName)
        if (isDone) memory.reload.preparing = undefined
        return isDone
      } catch (error) {
        memory.reload.preparing = undefined
        throw error
      }
    },
    result: () => done,
  }
}

function requireBackupDir({ reloads, settings }: SyncContext): string {
  if (!reloads) throw new RangeError(`${settings.deviceName}: there is no folder for backups`)
  return reloads.backupDir
}
