import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { clockText, dayText, type Telling } from '../text/time.ts'
import { Link } from './link.tsx'
import { usePage } from './page.ts'
import { VIEWS, type View } from './route.ts'
import { THEMES } from './theme.ts'

const NAMES: Readonly<Record<View, string>> = {
  now: 'Now',
  power: 'Power',
  energy: 'Energy',
  coverage: 'Coverage',
  devices: 'Devices',
}

export const viewName = (view: View): string => NAMES[view]

export function Head({ telling }: { telling: Telling | undefined }): JSX.Element {
  const { router, live } = usePage()
  const { view } = router.route.value
  const status = live.status.value
  return (
    <div class="head">
      <div class="name">
        iotawatt-sync<span>{status ? `${status.isDemo ? 'Demo' : 'House'}, ${status.timezone}` : ''}</span>
      </div>
      <nav class="views" aria-label="Views">
        {VIEWS.map((name) => (
          <Link key={name} view={name} isCurrent={name === view}>
            {NAMES[name]}
          </Link>
        ))}
      </nav>
      <div class="clock">
        {telling && <Clock telling={telling} />}
        <ThemeSwitch />
        <LogOut />
      </div>
    </div>
  )
}

function Clock({ telling: { time, at } }: { telling: Telling }): JSX.Element {
  const { live } = usePage()
  const nowMs = live.nowMs.value
  const notLive = live.notLiveSinceMs.value
  const local = time.local(nowMs)
  const here = new Date(nowMs)
  const isElsewhere = here.getHours() !== local.hour || here.getMinutes() !== local.minute
  const place = time.zone.split('/').at(-1)?.replaceAll('_', ' ') ?? time.zone
  const zone = time.abbreviation(nowMs)
  const hereText = clockText({ ...local, hour: here.getHours(), minute: here.getMinutes() })
  return (
    <>
      {notLive !== undefined && <span class="flag warn">not live since {at(notLive)}</span>}
      <span class="date">{dayText(local, 0)}</span>
      <span>
        <b>{clockText(local)}</b> {zone}
        {isElsewhere && <span class="wide-text">{`${place === zone ? '' : `, ${place}`}; ${hereText} here`}</span>}
      </span>
    </>
  )
}

function ThemeSwitch(): JSX.Element {
  const { theme } = usePage()
  return (
    <select
      class="theme"
      aria-label="Colours"
      value={theme.value}
      onChange={({ currentTarget }) => {
        theme.value = THEMES.find((name) => name === currentTarget.value) ?? 'system'
      }}
    >
      {THEMES.map((name) => (
        <option key={name} value={name}>
          {`${name.charAt(0).toUpperCase()}${name.slice(1)}`}
        </option>
      ))}
    </select>
  )
}

function LogOut(): JSX.Element | null {
  const { place, logOut } = usePage()
  const [problem, setProblem] = useState<string>()
  if (!place.hasLogin) return null
  const leave = () =>
    logOut().catch((error: unknown) => setProblem(error instanceof Error ? error.message : String(error)))
  return (
    <>
      {problem !== undefined && <span class="flag bad">{problem}</span>}
      <button class="theme" onClick={() => void leave()}>
        Log out
      </button>
    </>
  )
}
