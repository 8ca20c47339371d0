import type { JSX } from 'preact'
import type { Coverage, Hole, House, Job } from '../api/answers.ts'
import { useIsPhone } from '../chart/use-width.ts'
import { DeedButton } from '../page/deed-button.tsx'
import { isOpen } from '../page/note.ts'
import { useKnown } from '../page/page.ts'
import { count, grouped } from '../text/number.ts'

/** Missing minutes that the device still has, each with its button. */
export function Holes({ coverage }: { coverage: Coverage | undefined }): JSX.Element {
  const { status, live } = useKnown()
  const isPhone = useIsPhone()
  const jobs = [...live.jobs.value.values()]
  const checks = jobs.filter((job) => job.kind === 'check' && isOpen(job))
  const rows = (coverage?.holes ?? []).map((hole) => ({ hole, job: jobOf(hole, jobs) }))
  return (
    <>
      <div class="bar">
        <h2>Holes</h2>
        <span class="sub">missing minutes that the device still has</span>
        <span class="end checks">
          {checks.map((job) => (
            <Progress key={job.id} job={job} what={`Checking ${job.device}`} />
          ))}
          {status.devices
            .filter(({ name }) => !checks.some(({ device }) => device === name))
            .map(({ name }) => (
              <DeedButton key={name} deed={{ kind: 'check', device: name }} label={`Check ${name} again`} />
            ))}
        </span>
      </div>
      {rows.length === 0 && <p class="dim">{coverage === undefined ? '–' : 'None.'}</p>}
      {rows.length > 0 && (isPhone ? <HolesList rows={rows} /> : <HolesTable rows={rows} />)}
      {(coverage?.holesLeftOut ?? 0) > 0 && <p class="sub">and {count(coverage?.holesLeftOut ?? 0, 'older one')}</p>}
    </>
  )
}

interface HoleRow {
  readonly hole: Hole
  readonly job: Job | undefined
}

/** The newest word about a job is that of the stream. */
function jobOf(hole: Hole, jobs: readonly Job[]): Job | undefined {
  const same = jobs.filter(
    ({ kind, device, fromMs, untilMs }) =>
      kind === 'repair' &&
      device === hole.device &&
      fromMs !== undefined &&
      untilMs !== undefined &&
      fromMs < hole.untilMs &&
      untilMs > hole.fromMs,
  )
  return same.find(isOpen) ?? same[0] ?? hole.job
}

function HolesTable({ rows }: { rows: readonly HoleRow[] }): JSX.Element {
  const { telling, house } = useKnown()
  return (
    <table class="holes">
      <thead>
        <tr>
          <th scope="col">Device</th>
          <th scope="col">When</th>
          <th scope="col" class="num">
            Minutes
          </th>
          <th scope="col" class="num">
            Channels
          </th>
          <th scope="col" class="which">
            Which
          </th>
          <td />
        </tr>
      </thead>
      <tbody>
        {rows.map(({ hole, job }) => (
          <tr key={`${hole.device} ${hole.fromMs}`}>
            <td>{hole.device}</td>
            <td>{telling.span(hole.fromMs, hole.untilMs)}</td>
            <td class="num">{grouped(hole.minutes)}</td>
            <td class="num">{hole.channels.length}</td>
            <td class="dim which">{which(hole, house)}</td>
            <td class="num">
              <HoleDeed hole={hole} job={job} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function HolesList({ rows }: { rows: readonly HoleRow[] }): JSX.Element {
  const { telling, house } = useKnown()
  return (
    <ul class="hole-list">
      {rows.map(({ hole, job }) => (
        <li key={`${hole.device} ${hole.fromMs}`}>
          <b>{hole.device}</b> {telling.span(hole.fromMs, hole.untilMs)}
          <span class="dim">
            {grouped(hole.minutes)} min, {count(hole.channels.length, 'channel')}; {which(hole, house)}
          </span>
          <HoleDeed hole={hole} job={job} />
        </li>
      ))}
    </ul>
  )
}

const NAMED = 3

function which({ device, channels }: Hole, house: House): string {
  const all = house.channels.filter((channel) => channel.device === device).length
  if (channels.length >= all) return `all of ${device}`
  const named = channels.slice(0, NAMED).join(', ')
  return channels.length > NAMED ? `${named} and ${channels.length - NAMED} more` : named
}

function HoleDeed({ hole, job }: HoleRow): JSX.Element {
  const { device, fromMs, untilMs, minutes } = hole
  if (job && isOpen(job)) return <Progress job={job} what={`Repair of ${count(job.totalMinutes, 'minute')}`} />
  return (
    <span class="deed">
      {job && job.state !== 'done' && <span class="dim">{job.text === '' ? job.state : job.text}</span>}
      <DeedButton isPrimary deed={{ kind: 'repair', device, fromMs, untilMs }} label={`Copy ${grouped(minutes)} min`} />
    </span>
  )
}

/** Counts minutes when they are confirmed, not when they are written. */
function Progress({ job, what }: { job: Job; what: string }): JSX.Element {
  const { id, doneMinutes, totalMinutes, state } = job
  const percent = totalMinutes === 0 ? 0 : Math.floor((100 * doneMinutes) / totalMinutes)
  return (
    <span class="deed progress">
      <span>
        {state === 'waiting' ? 'waits for its turn' : `${grouped(doneMinutes)} of ${grouped(totalMinutes)} min`}
      </span>
      <span
        class="prog"
        role="progressbar"
        aria-valuenow={percent}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-label={what}
      >
        <i style={{ width: `${percent}%` }} />
      </span>
      <DeedButton deed={{ kind: 'stop', job: id }} label="Stop" />
    </span>
  )
}
