import type { JSX } from 'preact'
import { Part } from '../page/part.tsx'
import { powerText } from '../text/number.ts'
import { texts } from '../text/texts.ts'
import type { Wiring } from './choices.ts'
import { Fixed, isFixed, ReasonText, type PartsProps } from './field.tsx'

const WIRINGS = ['ahead', 'behind'] as const satisfies Wiring[]
const EXAMPLE = { house: 900, solar: 1500 }
const SHOWN: Readonly<Record<Wiring, number>> = { ahead: EXAMPLE.house, behind: EXAMPLE.house - EXAMPLE.solar }

/** Only a house with both mains and solar has two ways. */
export function WiringChoice({ setup, choices, choose }: PartsProps): JSX.Element | null {
  const roles = new Set(Array.from(choices.channels.values(), ({ role }) => role))
  if (!roles.has('mains') || !roles.has('solar')) return null
  const { wiring: proposed } = setup.proposal
  return (
    <Part title={texts.setup.wiring}>
      <div role="radiogroup" aria-label={texts.setup.wiring} class="setup-wiring">
        {WIRINGS.map((wiring) => (
          <label key={wiring}>
            <input
              type="radio"
              name="wiring"
              disabled={isFixed(setup, 'wiring')}
              checked={choices.wiring === wiring}
              onChange={() => choose({ ...choices, wiring })}
            />
            <span>
              {texts.setup.wirings[wiring]}
              <Picture wiring={wiring} />
              <small class="dim">
                {texts.setup.wiringExample(
                  powerText(EXAMPLE.house),
                  powerText(EXAMPLE.solar),
                  powerText(SHOWN[wiring]),
                )}
              </small>
              <ReasonText of={proposed?.value === wiring ? proposed.reason : undefined} />
            </span>
          </label>
        ))}
      </div>
      {choices.wiring === undefined && <p class="sub">{texts.setup.wiringUnknown}</p>}
      <Fixed setup={setup} keys={['wiring']} />
    </Part>
  )
}

const [SENSORS_X, JOINS_X] = [110, { ahead: 62, behind: 160 }]

/** From the grid past the sensors to the house, and where solar comes in. */
function Picture({ wiring }: { wiring: Wiring }): JSX.Element {
  const x = JOINS_X[wiring]
  return (
    <svg width="240" height="62" viewBox="0 0 240 62" aria-hidden="true">
      <path d="M30 42H196" stroke="var(--edge)" stroke-width="2" />
      <path d={`M${x} 18V42`} stroke="var(--solar-line)" stroke-width="2" />
      <circle cx={x} cy="42" r="3" fill="var(--solar-line)" />
      <circle cx={SENSORS_X} cy="42" r="7" fill="var(--bg)" stroke="var(--ink)" stroke-width="2" />
      <text x={x} y="12" text-anchor="middle">
        {texts.solar}
      </text>
      <text x={SENSORS_X} y="61" text-anchor="middle">
        {texts.setup.sensors}
      </text>
      <text x="26" y="46" text-anchor="end">
        {texts.grid}
      </text>
      <text x="200" y="46">
        {texts.setup.home}
      </text>
    </svg>
  )
}
