import type { JSX } from 'preact'
import type { Coverage, Status } from '../api/answers.ts'
import { useKnown } from '../page/page.ts'
import { count, grouped, THIN_SPACE, UNKNOWN } from '../text/number.ts'
import type { Telling } from '../text/time.ts'

const DAY_MINUTES = 1440

export function CoverageSentence({ coverage }: { coverage: Coverage | undefined }): JSX.Element {
  const { live, status, telling } = useKnown()
  if (coverage === undefined) return <p class="lead">{UNKNOWN}</p>
  const { missingMinutes } = coverage
  return (
    <p class="lead">
      <b>{storedShare(coverage)}</b> of the wanted minutes are stored.{' '}
      {missingMinutes === 0 ? (
        'Nothing is missing that could be copied.'
      ) : (
        <>
          <b>{`${grouped(missingMinutes)}${THIN_SPACE}min`}</b> are missing and can be copied.
        </>
      )}{' '}
      {loadingText(status, { coverage, telling, nowMs: live.nowMs.value })}
    </p>
  )
}

/** With one decimal, and never 100 % while one minute is not there. */
export function storedShare({
  storedMinutes,
  wantedMinutes,
}: Pick<Coverage, 'storedMinutes' | 'wantedMinutes'>): string {
  if (wantedMinutes === 0) return UNKNOWN
  const tenths = Math.floor((1000 * storedMinutes) / wantedMinutes)
  return `${storedMinutes >= wantedMinutes ? '100' : (tenths / 10).toFixed(1)}${THIN_SPACE}%`
}

function loadingText(
  status: Status,
  { coverage, telling, nowMs }: { coverage: Coverage; telling: Telling; nowMs: number },
): string {
  const loading = status.devices.filter(({ history }) => history.state === 'loading' && !history.isPaused)
  const left = loading.flatMap(({ history }) => history.leftMs ?? [])
  const days = count(Math.ceil(coverage.notLoadedMinutes / DAY_MINUTES), 'day')
  if (coverage.notLoadedMinutes === 0) return ''
  const until = left.length > 0 ? `, until about ${telling.when(nowMs + Math.max(...left))}` : ''
  const names = loading.map(({ name }) => name).join(' and ')
  return loading.length === 0 ? `${days} are not loaded yet.` : `${days} of ${names} are being loaded${until}.`
}
