import { afterEach, expect, it, vi } from 'vitest'
import { openServer } from '../api/server.ts'
import { openLive } from './live.ts'

afterEach(() => {
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

/** A page whose tab is hidden and shown, and the streams that it opens. */
function setUp() {
  vi.useFakeTimers()
  const tab = Object.assign(new EventTarget(), { hidden: false })
  vi.stubGlobal('document', tab)
  const streams: (EventTarget & { isClosed: boolean })[] = []
  const open = () => {
    const stream = Object.assign(new EventTarget(), { isClosed: false, close: () => void (stream.isClosed = true) })
    streams.push(stream)
    return stream as unknown as EventSource
  }
  const live = openLive(
    openServer(() => Promise.reject(new Error('nobody is asked'))),
    open,
  )
  return {
    live,
    streams,
    show(isShown: boolean) {
      tab.hidden = !isShown
      tab.dispatchEvent(new Event('visibilitychange'))
    },
  }
}

const watts = { house: 1, solar: 0, used: 0, fromGrid: 1, toGrid: 0, unmetered: null }

it('a hidden page listens no more, and again when it is shown', () => {
  const { live, streams, show } = setUp()
  show(false)
  expect(streams.map(({ isClosed }) => isClosed)).toEqual([true])
  vi.advanceTimersByTime(600_000)
  expect(streams).toHaveLength(1)
  show(true)
  expect(streams.map(({ isClosed }) => isClosed)).toEqual([true, false])
  vi.advanceTimersByTime(1_000)
  expect(live.notLiveSinceMs.value).toBeUndefined()
})

it('keeps the newest readings, and no others', () => {
  const { live, streams } = setUp()
  const send = (data: unknown) => streams[0]!.dispatchEvent(new MessageEvent('live', { data: JSON.stringify(data) }))
  const readings = { intervalMs: 5_000, watts, devices: [{ name: 'iwatt5', channels: { Dryer: 1, Fridge: null } }] }
  send(readings)
  expect(live.readings.value).toEqual(readings)
  send({ intervalMs: 5_000 })
  expect(live.readings.value).toEqual(readings)
})
