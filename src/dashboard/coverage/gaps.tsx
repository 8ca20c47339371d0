import type { JSX } from 'preact'
import type { Coverage, Gap, House, Job } from '../api/answers.ts'
import { useIsPhone } from '../chart/use-width.ts'
import { ActionButton } from '../page/action-button.tsx'
import { ProgressBar } from '../page/glyph.tsx'
import { isOpen } from '../page/note.ts'
import { useKnown } from '../page/page.ts'
import { grouped, percentDone } from '../text/number.ts'
import { texts } from '../text/texts.ts'

interface GapsProps {
  readonly coverage: Coverage | undefined
  /** The devices that can be checked from here. */
  readonly checked: readonly string[]
}

/** Missing minutes that the device still has, each with its button. */
export function Gaps({ coverage, checked }: GapsProps): JSX.Element {
  const { live } = useKnown()
  const isPhone = useIsPhone()
  const checks = [...live.jobs.value.values()].filter((job) => job.kind === 'check' && isOpen(job))
  const { holes: gaps = [], holesLeftOut: leftOut = 0 } = coverage ?? {}
  return (
    <>
      <div class="bar">
        <h2>{texts.coverage.gaps}</h2>
        <span class="sub">{texts.coverage.gapsSub}</span>
        <span class="end checks">
          {checks.map((job) => (
            <Progress key={job.id} job={job} what={texts.coverage.checking(job.device)} />
          ))}
          {checked
            .filter((name) => !checks.some(({ device }) => device === name))
            .map((name) => (
              <ActionButton
                key={name}
                action={{ kind: 'check', device: name }}
                label={texts.coverage.checkAgain(name)}
              />
            ))}
        </span>
      </div>
      {gaps.length === 0 && <p class="dim">{coverage === undefined ? '–' : texts.none}</p>}
      {gaps.length > 0 && (isPhone ? <GapsList gaps={gaps} /> : <GapsTable gaps={gaps} />)}
      {leftOut > 0 && <p class="sub">{texts.coverage.olderOnes(leftOut)}</p>}
    </>
  )
}

function GapsTable({ gaps }: { gaps: readonly Gap[] }): JSX.Element {
  const { formatter, house } = useKnown()
  return (
    <table class="gaps">
      <thead>
        <tr>
          <th scope="col">{texts.device}</th>
          <th scope="col">{texts.when}</th>
          <th scope="col" class="num">
            {texts.coverage.minutes}
          </th>
          <th scope="col" class="num">
            {texts.channels}
          </th>
          <th scope="col" class="which">
            {texts.coverage.which}
          </th>
          <td />
        </tr>
      </thead>
      <tbody>
        {gaps.map((gap) => (
          <tr key={`${gap.device} ${gap.fromMs}`}>
            <td>{gap.device}</td>
            <td>{formatter.span(gap.fromMs, gap.untilMs)}</td>
            <td class="num">{grouped(gap.minutes)}</td>
            <td class="num">{gap.channels.length}</td>
            <td class="dim which">{which(gap, house)}</td>
            <td class="num">
              <GapAction gap={gap} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function GapsList({ gaps }: { gaps: readonly Gap[] }): JSX.Element {
  const { formatter, house } = useKnown()
  return (
    <ul class="gap-list">
      {gaps.map((gap) => (
        <li key={`${gap.device} ${gap.fromMs}`}>
          <b>{gap.device}</b> {formatter.span(gap.fromMs, gap.untilMs)}
          <span class="dim">
            {texts.coverage.gapSize(grouped(gap.minutes), gap.channels.length, which(gap, house))}
          </span>
          <GapAction gap={gap} />
        </li>
      ))}
    </ul>
  )
}

const NAMED = 3

function which({ device, channels }: Gap, house: House): string {
  const all = house.channels.filter((channel) => channel.device === device)
  if (channels.length >= all.length) return texts.coverage.allOf(device)
  const named = channels.slice(0, NAMED).join(', ')
  return channels.length > NAMED ? texts.coverage.andMore(named, channels.length - NAMED) : named
}

function GapAction({ gap }: { gap: Gap }): JSX.Element {
  const { live } = useKnown()
  const { device, fromMs, untilMs, minutes } = gap
  const job = jobOf(gap, [...live.jobs.value.values()])
  if (job && isOpen(job)) return <Progress job={job} what={texts.coverage.repairOf(job.totalMinutes)} />
  return (
    <span class="action">
      {job && job.state !== 'done' && (
        <span class="dim">{job.text === '' ? texts.coverage.jobStates[job.state] : job.text}</span>
      )}
      <ActionButton
        isPrimary
        action={{ kind: 'repair', device, fromMs, untilMs }}
        label={texts.copyMinutes(grouped(minutes))}
      />
    </span>
  )
}

/** The newest word about a job is that of the stream. */
function jobOf(gap: Gap, jobs: readonly Job[]): Job | undefined {
  const same = jobs.filter(
    ({ kind, device, fromMs, untilMs }) =>
      kind === 'repair' &&
      device === gap.device &&
      fromMs !== undefined &&
      untilMs !== undefined &&
      fromMs < gap.untilMs &&
      untilMs > gap.fromMs,
  )
  return same.find(isOpen) ?? same[0] ?? gap.job
}

/** Counts minutes when they are confirmed, not when they are written. */
function Progress({ job, what }: { job: Job; what: string }): JSX.Element {
  const { id, doneMinutes, totalMinutes, state } = job
  return (
    <span class="action progress">
      <span>
        {state === 'waiting' ? texts.waitsForTurn : texts.coverage.doneOf(grouped(doneMinutes), grouped(totalMinutes))}
      </span>
      <ProgressBar percent={percentDone(doneMinutes, totalMinutes)} label={what} />
      <ActionButton action={{ kind: 'stop', job: id }} label={texts.stop} />
    </span>
  )
}
