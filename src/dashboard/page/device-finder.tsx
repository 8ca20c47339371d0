import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { DeviceState } from '../api/answers.ts'
import { grouped } from '../text/number.ts'
import { texts } from '../text/texts.ts'
import { findDevices, troubleFirst } from './find-devices.ts'
import { useKnown } from './page.ts'

/** Up to so many, a view shows each device in the order of the configuration. */
const MANY_DEVICES = 10
const MORE = 50
const NONE: ReadonlySet<string> = new Set()

interface FoundDevices<Device> {
  readonly shown: readonly Device[]
  /** Undefined where all are shown. */
  readonly finder: JSX.Element | undefined
}

/** Those of many devices that a view shows; what is looked for stands in the address. */
export function useFoundDevices<Device extends DeviceState>(
  devices: readonly Device[],
  missing = NONE,
): FoundDevices<Device> {
  const { router, live, status } = useKnown()
  const [limit, setLimit] = useState(MORE)
  if (devices.length <= MANY_DEVICES) return { shown: devices, finder: undefined }
  const text = router.route.value.query.get('find') ?? ''
  const facts = { nowMs: live.nowMs.peek(), maxAgeMs: status.maxAgeMs, missing }
  const found = findDevices(troubleFirst(devices, facts), text)
  const shown = found.slice(0, limit)
  const finder = (
    <div class="finder" role="search">
      <label>
        {texts.finder.find}{' '}
        <input
          type="search"
          value={text}
          placeholder={texts.finder.example}
          onInput={({ currentTarget }) => {
            setLimit(MORE)
            router.set({ find: currentTarget.value }, { replaces: true })
          }}
        />
      </label>{' '}
      <span role="status">{texts.finder.shown(grouped(shown.length), grouped(found.length))}</span>{' '}
      {shown.length < found.length && (
        <button class="btn" onClick={() => setLimit(limit + MORE)}>
          {texts.finder.more(Math.min(MORE, found.length - shown.length))}
        </button>
      )}
    </div>
  )
  return { shown, finder }
}
