import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { type Devices, isDevices, isRecentEvents, type LoggedEvent } from '../api/answers.ts'
import { useIsPhone } from '../chart/use-width.ts'
import { useFoundDevices } from '../page/device-finder.tsx'
import { Flag } from '../page/glyph.tsx'
import { Link } from '../page/link.tsx'
import { NoteBox } from '../page/note-line.tsx'
import type { Note } from '../page/note.ts'
import { useKnown } from '../page/page.ts'
import { Detail, FailingPart, Part } from '../page/part.tsx'
import { useAnswer, Waiting } from '../page/use-answer.tsx'
import { failureWords, sentences, withTimes } from '../text/failure-words.ts'
import { UNKNOWN } from '../text/number.ts'
import { texts } from '../text/texts.ts'
import type { Formatter } from '../text/time.ts'
import { DEVICE_ROWS, splitStore } from './device-rows.tsx'
import { Spans } from './spans.tsx'

/** From so many on, one row per device compares better than one column. */
const TURNED_FROM = 4

/** Is each one well, and what do we do to it? */
export function DevicesView({ notes }: { notes: readonly Note[] }): JSX.Element {
  const { live } = useKnown()
  const isPhone = useIsPhone()
  const asked = useAnswer('/api/v1/devices', isDevices, live.cycles.value + live.events.value)
  const events = useAnswer('/api/v1/recent-events?limit=100', isRecentEvents, live.events.value)
  const devices = asked.answer
  const { shown, finder } = useFoundDevices(devices?.devices ?? [])
  return (
    <section aria-label={texts.views.devices}>
      {notes.slice(1).map((note) => (
        <NoteBox key={note.title} note={note} />
      ))}
      <Waiting asked={asked} what={texts.devices.stateAsked} whom="iotawatt-sync" />
      {finder}
      <FailingPart>{devices ? tableOf({ ...devices, devices: shown }, isPhone) : <Frame />}</FailingPart>
      {/* Not before it has its place: nobody knows how high what is above it will be. */}
      {(devices || asked.problem !== undefined) && (
        <>
          <p class="remarks">
            <Link view="setup">{texts.views.setup}</Link>
          </p>
          <Part title={texts.devices.holds} sub={texts.devices.holdsSub}>
            {devices && <Spans devices={shown} />}
          </Part>
          <Part title={texts.devices.events} sub={texts.devices.eventsSub}>
            <Waiting asked={events} what={texts.devices.eventsAsked} whom="iotawatt-sync" />
            {events.answer && <Events events={events.answer.events} />}
          </Part>
        </>
      )}
    </section>
  )
}

/** A device or the store: its column, row or list. */
interface Subject {
  readonly name: string
  readonly place: string
  /** Of a store that names no place. */
  readonly kind?: string
  /** One per row of `DEVICE_ROWS`. */
  readonly cells: readonly (JSX.Element | undefined)[]
}

function tableOf({ devices, store }: Devices, isPhone: boolean): JSX.Element {
  const subjects: readonly Subject[] = [
    ...devices.map((device) => ({
      name: device.name,
      place: device.url,
      cells: DEVICE_ROWS.map(({ Cell }) => <Cell device={device} />),
    })),
    {
      name: texts.store,
      ...splitStore(store.name),
      cells: DEVICE_ROWS.map(({ StoreCell }) => StoreCell && <StoreCell store={store} />),
    },
  ]
  if (isPhone) return <Lists subjects={subjects} />
  return devices.length >= TURNED_FROM ? <Turned subjects={subjects} /> : <Columns subjects={subjects} />
}

/** The labels, before anything is known. */
function Frame(): JSX.Element {
  return (
    <table class="spec">
      <tbody>
        {DEVICE_ROWS.map(({ label }) => (
          <tr key={label}>
            <th scope="row">{label}</th>
            <td class="dim">{UNKNOWN}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function Columns({ subjects }: { subjects: readonly Subject[] }): JSX.Element {
  return (
    <table class="spec">
      <colgroup>
        <col class="k" />
      </colgroup>
      <thead>
        <tr>
          <td />
          {subjects.map(({ name, place, kind }) => (
            <th key={name} scope="col">
              {name}
              <small>{place || kind}</small>
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {DEVICE_ROWS.map(({ label }, index) => (
          <tr key={label}>
            <th scope="row">{label}</th>
            {subjects.map(({ name, cells }) => (
              <td key={name}>{cells[index]}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** One row per device, where there are many. */
function Turned({ subjects }: { subjects: readonly Subject[] }): JSX.Element {
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={texts.devices.tableOfDevices}>
      <table class="spec turned">
        <thead>
          <tr>
            <td />
            {DEVICE_ROWS.map(({ label }) => (
              <th key={label} scope="col">
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {subjects.map(({ name, cells }) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              {cells.map((cell, index) => (
                <td key={index}>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

/** One list a device, on a phone. */
function Lists({ subjects }: { subjects: readonly Subject[] }): JSX.Element {
  return (
    <>
      {subjects.map(({ name, place, cells }) => (
        <section key={name} class="spec-list" aria-label={name}>
          <h2>
            {name} <small>{place.replace(/^https?:\/\//, '')}</small>
          </h2>
          <dl>
            {DEVICE_ROWS.map(
              ({ label }, index) =>
                cells[index] && (
                  <div key={label}>
                    <dt>{label}</dt>
                    <dd>{cells[index]}</dd>
                  </div>
                ),
            )}
          </dl>
        </section>
      ))}
    </>
  )
}

const SHOWN_AT_FIRST = 20

/** What has happened, newest first. */
function Events({ events }: { events: readonly LoggedEvent[] }): JSX.Element {
  const { formatter } = useKnown()
  const [isLong, setIsLong] = useState(false)
  if (events.length === 0) return <p class="dim">{texts.none}</p>
  const shown = isLong ? events : events.slice(0, SHOWN_AT_FIRST)
  return (
    <>
      <table class="log">
        <thead class="vh">
          <tr>
            <th scope="col">{texts.when}</th>
            <th scope="col">{texts.devices.eventOf}</th>
            <th scope="col">{texts.what}</th>
          </tr>
        </thead>
        <tbody>
          {shown.map((event) => (
            <tr key={event.id}>
              <td>{formatter.when(event.atMs)}</td>
              <td>{event.of === 'store' ? texts.devices.storeOf : event.of}</td>
              <td>
                <What event={event} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {shown.length < events.length && (
        <button class="btn" onClick={() => setIsLong(true)}>
          {texts.devices.showAll(events.length)}
        </button>
      )}
    </>
  )
}

function What({ event }: { event: LoggedEvent }): JSX.Element {
  const { formatter } = useKnown()
  const { level, history } = event
  if (history) return <>{backfillText(history, formatter)}</>
  const text = withTimes(event.text, formatter.when)
  const [first = '', ...rest] = text.split('\n')
  const words = level === 'error' ? errorText(event, formatter) : first
  return (
    <>
      {level === 'info' ? words : <Flag mark={level === 'error' ? 'bad' : 'warn'}>{words}</Flag>}
      {words === first ? rest.map((line) => ` ${line.trim()}`) : <Detail text={text} />}
    </>
  )
}

/** The line of the log, where it is a sentence; else what it is about. */
function errorText({ of, text }: LoggedEvent, formatter: Formatter): string {
  const { why, todo, past } = failureWords(of, text.replace(/^still: /, ''))
  const words =
    withTimes(why, formatter.when) || (of === 'store' ? texts.server.storeFailed(past) : texts.devices.itFailed(past))
  return sentences(words, todo)
}

/** `Backfilled from 21 Sep to 27 Sep: 10,080 rows, 141,120 samples.` */
function backfillText(
  { fromMs, untilMs, rowCount, sampleCount }: NonNullable<LoggedEvent['history']>,
  formatter: Formatter,
): string {
  const [first, last] = [formatter.day(fromMs), formatter.day(untilMs - 1)]
  const span = first === last ? first : texts.devices.fromTo(first, last)
  return texts.devices.backfilled(span, rowCount, sampleCount)
}
