import type { JSX } from 'preact'
import { useEffect, useMemo, useState } from 'preact/hooks'
import { isSetup, isSetupPreview, type House, type Setup, type SetupPreview } from '../api/answers.ts'
import { colourGroups, token } from '../page/colours.ts'
import { useKnown, usePage } from '../page/page.ts'
import { Part } from '../page/part.tsx'
import { useAnswer, Waiting } from '../page/use-answer.tsx'
import { messageOf } from '../text/failure-words.ts'
import { texts } from '../text/texts.ts'
import { ChannelRows } from './channel-rows.tsx'
import {
  type Choices,
  choicesOf,
  type SetupDraft,
  draftOf,
  proposedChoices,
  rebase,
  repeatedGroups,
  type Sections,
  sectionsOf,
  settingsOf,
} from './choices.ts'
import { ErrorText, Fixed, isFixed, mistakesOf, type Mistake, type PartsProps, ReasonText } from './field.tsx'
import { GroupList } from './group-list.tsx'
import { MoneyForm } from './money-form.tsx'
import { PreviewFigures, PreviewNow } from './preview.tsx'
import { Save } from './save.tsx'
import { WiringChoice } from './wiring-choice.tsx'

/** What is what in the house: proposed, chosen, shown as it would be, and saved. */
export function SetupView(): JSX.Element {
  const { isPlaceholder, setupDraft } = useKnown()
  const [version, setVersion] = useState(1)
  const asked = useAnswer('/api/v1/setup', isSetup, version)
  const setup = isPlaceholder ? undefined : asked.answer
  const draft = setupDraft.value
  useEffect(() => {
    if (setup) setupDraft.value = draftOf(setup, choicesOn(setup, setupDraft.peek()))
  }, [setup, setupDraft])
  return (
    <section class="setup" aria-label={texts.views.setup}>
      <p class="lead">
        <b>{texts.setup.lead}</b> {texts.setup.leadSub}
      </p>
      <Waiting asked={asked} what={texts.setup.asked} whom="iotawatt-sync" />
      {draft && (
        <Form
          draft={draft}
          choose={(choices) => (setupDraft.value = draftOf(draft.setup, choices))}
          askAgain={() => setVersion((before) => before + 1)}
        />
      )}
    </section>
  )
}

function choicesOn(setup: Setup, before: SetupDraft | undefined): Choices {
  const found = choicesOf(setup)
  return before ? rebase(choicesOf(before.setup), before.choices, found) : found
}

interface FormProps {
  readonly draft: SetupDraft
  readonly choose: (choices: Choices) => void
  readonly askAgain: () => void
}

function Form({ draft: { setup, choices, isChanged }, choose, askAgain }: FormProps): JSX.Element {
  const sections = useMemo(() => sectionsOf(choices, setup), [choices, setup])
  const { house } = sections
  const { answer, problem } = usePreview(sections)
  const proposed = useMemo(() => proposedChoices(setup), [setup])
  const isProposed = JSON.stringify(settingsOf(proposed, setup)) === JSON.stringify(house)
  const repeated = repeatedGroups(choices)
  const mistakes: readonly Mistake[] = [
    ...repeated.map((name) => ({ path: ['groups', name], message: texts.setup.repeatedGroup })),
    ...(answer?.mistakes ?? []),
  ]
  const shownColours = useMemo(() => coloursOf(answer?.preview?.house), [answer])
  const parts = { setup, choices, choose, mistakes, shownColours }
  if (setup.channels.length === 0) return <p>{texts.setup.noChannels}</p>
  return (
    <>
      {isProposed && setup.house === undefined && <p>{texts.setup.proposed}</p>}
      {!isProposed && (
        <button class="btn" onClick={() => choose({ ...proposed, money: choices.money })}>
          {texts.setup.proposeAgain}
        </button>
      )}
      <div class="cols setup">
        <div>
          <Part title={texts.channels} sub={texts.setup.channelsSub}>
            <ChannelRows {...parts} />
          </Part>
          <Part title={texts.setup.groups} sub={texts.setup.groupsSub}>
            <GroupList {...parts} />
          </Part>
          <WiringChoice {...parts} />
          <Part title={texts.setup.timezone} sub={texts.setup.timezoneSub}>
            <TimezoneChoice {...parts} />
          </Part>
          <MoneyForm {...parts} prices={answer?.prices} />
        </div>
        <div class="setup-side">
          <Part title={texts.setup.preview}>
            <PreviewFigures answer={answer} problem={problem} />
          </Part>
          <Save
            setup={setup}
            sections={sections}
            answer={answer}
            mistakes={mistakes}
            isChanged={isChanged}
            isUnclear={repeated.length > 0}
            askAgain={askAgain}
          />
        </div>
      </div>
      {answer?.preview && (
        <Part title={texts.setup.completePreview}>
          <PreviewNow preview={answer.preview} />
        </Part>
      )}
    </>
  )
}

function coloursOf(house: House | undefined): ReadonlyMap<string, string> {
  if (!house) return new Map()
  const locations = new Map(house.channels.map(({ id, location }) => [id, location]))
  return new Map(
    colourGroups(house).flatMap(({ name, token: hue, circuits }) => [
      [name, token(hue)],
      ...circuits.map(({ id, colour }): [string, string] => [locations.get(id) ?? id, colour]),
    ]),
  )
}

const PAUSE_MS = 300

interface Previewed {
  /** The last one, while another is awaited. */
  readonly answer?: SetupPreview
  readonly problem?: string
}

/** What would be, once nothing has been changed for a moment. */
function usePreview(sections: Sections): Previewed {
  const { server } = usePage()
  const [previewed, setPreviewed] = useState<Previewed>({})
  const asked = JSON.stringify(sections)
  useEffect(() => {
    let isGone = false
    const show = (next: Previewed) => {
      if (!isGone) setPreviewed(next)
    }
    const timer = setTimeout(() => {
      server.post('/api/v1/setup/preview', sections, isSetupPreview).then(
        (answer) => show({ answer }),
        (error: unknown) => show({ problem: messageOf(error) }),
      )
    }, PAUSE_MS)
    return () => {
      isGone = true
      clearTimeout(timer)
    }
  }, [asked, server])
  return previewed
}

const ZONES = Intl.supportedValuesOf('timeZone')

function TimezoneChoice({ setup, choices, choose, mistakes }: PartsProps): JSX.Element {
  const { timezone } = choices
  const { value, reason } = setup.proposal.timezone
  const wrong = mistakesOf(mistakes, 'timezone')
  const zones = new Set([...(value === undefined ? [] : [value]), ...(timezone === '' ? [] : [timezone]), ...ZONES])
  return (
    <p class="field">
      <select
        aria-label={texts.setup.timezone}
        aria-invalid={wrong.length > 0}
        aria-describedby="wrong-timezone"
        disabled={isFixed(setup, 'timezone')}
        value={timezone}
        onChange={({ currentTarget }) => choose({ ...choices, timezone: currentTarget.value })}
      >
        <option value="">{texts.setup.ofMachine}</option>
        {[...zones].map((zone) => (
          <option key={zone} value={zone}>
            {zone}
          </option>
        ))}
      </select>
      <ReasonText of={value === undefined || value === timezone ? reason : undefined} />
      <Fixed setup={setup} keys={['timezone']} />
      <ErrorText id="wrong-timezone" of={wrong} />
    </p>
  )
}
