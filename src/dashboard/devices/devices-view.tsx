import type { JSX } from 'preact'
import { type DeviceDetail, type Devices, isDevices, isRecentEvents } from '../api/answers.ts'
import { useIsPhone } from '../chart/use-width.ts'
import { FailingPart } from '../page/failing-part.tsx'
import { NoteBox } from '../page/note-line.tsx'
import type { Note } from '../page/note.ts'
import { useKnown } from '../page/page.ts'
import { Part } from '../page/part.tsx'
import { useAnswer } from '../page/use-answer.ts'
import { Waiting } from '../page/waiting.tsx'
import { UNKNOWN } from '../text/number.ts'
import { DEVICE_ROWS, splitStore, STORE_CELLS } from './device-rows.tsx'
import { Events } from './events.tsx'
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
  return (
    <section aria-label="Devices">
      {notes.slice(1).map((note) => (
        <NoteBox key={note.title} note={note} />
      ))}
      <Waiting asked={asked} what="the state of the devices" whom="iotawatt-sync" />
      <FailingPart>{devices ? tableOf(devices, isPhone) : <Frame />}</FailingPart>
      <Part title="What each one holds" sub="the store should hold all of the log">
        {devices && <Spans devices={devices.devices} />}
      </Part>
      <Part title="Events" sub="since the start, in the time of the house">
        <Waiting asked={events} what="events" whom="iotawatt-sync" />
        {events.answer && <Events events={events.answer.events} />}
      </Part>
    </section>
  )
}

function tableOf(devices: Devices, isPhone: boolean): JSX.Element {
  if (isPhone) return <Lists devices={devices} />
  return devices.devices.length >= TURNED_FROM ? <Turned devices={devices} /> : <Columns devices={devices} />
}

/** The labels, before anything is known. */
function Frame(): JSX.Element {
  return (
    <table class="spec">
      <tbody>
        {DEVICE_ROWS.map(({ key, label }) => (
          <tr key={key}>
            <th scope="row">{label}</th>
            <td class="dim">{UNKNOWN}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function Columns({ devices: { devices, store } }: { devices: Devices }): JSX.Element {
  const { kind, place } = splitStore(store.name)
  return (
    <table class="spec">
      <colgroup>
        <col class="k" />
      </colgroup>
      <thead>
        <tr>
          <td />
          {devices.map((device) => (
            <th key={device.name} scope="col">
              {device.name}
              <small>{device.url}</small>
            </th>
          ))}
          <th scope="col">
            Store
            <small>{place || kind}</small>
          </th>
        </tr>
      </thead>
      <tbody>
        {DEVICE_ROWS.map(({ label, key, Cell }) => {
          const StoreCell = STORE_CELLS[key]
          return (
            <tr key={key}>
              <th scope="row">{label}</th>
              {devices.map((device) => (
                <td key={device.name}>
                  <Cell device={device} />
                </td>
              ))}
              <td>{StoreCell ? <StoreCell store={store} /> : ''}</td>
            </tr>
          )
        })}
      </tbody>
    </table>
  )
}

/** One row per device, where there are many. */
function Turned({ devices: { devices, store } }: { devices: Devices }): JSX.Element {
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Table of the devices">
      <table class="spec turned">
        <thead>
          <tr>
            <td />
            {DEVICE_ROWS.map(({ key, label }) => (
              <th key={key} scope="col">
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {devices.map((device) => (
            <tr key={device.name}>
              <th scope="row">{device.name}</th>
              {DEVICE_ROWS.map(({ key, Cell }) => (
                <td key={key}>
                  <Cell device={device} />
                </td>
              ))}
            </tr>
          ))}
          <tr>
            <th scope="row">Store</th>
            {DEVICE_ROWS.map(({ key }) => {
              const StoreCell = STORE_CELLS[key]
              return <td key={key}>{StoreCell ? <StoreCell store={store} /> : ''}</td>
            })}
          </tr>
        </tbody>
      </table>
    </div>
  )
}

/** One list a device, on a phone. */
function Lists({ devices: { devices, store } }: { devices: Devices }): JSX.Element {
  const list = (name: string, place: string, cells: readonly { label: string; cell: JSX.Element }[]) => (
    <section key={name} class="spec-list" aria-label={name}>
      <h2>
        {name} <small>{place.replace(/^https?:\/\//, '')}</small>
      </h2>
      <dl>
        {cells.map(({ label, cell }) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{cell}</dd>
          </div>
        ))}
      </dl>
    </section>
  )
  const ofDevice = (device: DeviceDetail) =>
    DEVICE_ROWS.map(({ label, Cell }) => ({ label, cell: <Cell device={device} /> }))
  const ofStore = DEVICE_ROWS.flatMap(({ label, key }) => {
    const StoreCell = STORE_CELLS[key]
    return StoreCell ? [{ label, cell: <StoreCell store={store} /> }] : []
  })
  return (
    <>
      {devices.map((device) => list(device.name, device.url, ofDevice(device)))}
      {list('Store', splitStore(store.name).place, ofStore)}
    </>
  )
}
