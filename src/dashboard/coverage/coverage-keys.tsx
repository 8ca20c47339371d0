import type { JSX } from 'preact'
import { STATE } from '../chart/runs.ts'
import { CellBox } from './cell-box.tsx'

const KEYS = [
  [STATE.stored, 'stored'],
  [STATE.legacy, 'stored by an earlier program, off the minute'],
  [STATE.missing, 'missing, can be copied'],
  [STATE.notLoaded, 'not loaded yet'],
  [STATE.unmeasured, 'the device did not measure'],
] as const

export function CoverageKeys(): JSX.Element {
  return (
    <ul class="keys coverage-keys">
      {KEYS.map(([state, label]) => (
        <li key={state}>
          <svg width="22" height="12" aria-hidden="true">
            <CellBox state={state} x={0} y={1} width={22} height={10} />
          </svg>
          {label}
        </li>
      ))}
      <li>
        <svg width="22" height="12" aria-hidden="true">
          <CellBox state={STATE.stored} offShare={0.3} x={0} y={1} width={22} height={10} />
        </svg>
        stored, but for an outage of the device
      </li>
    </ul>
  )
}
