import { expect, it } from 'vitest'
import { decodeDeviceText } from '../card/device-text.ts'
import { DAY_MS, HOUR_MS } from '../model/time-window.ts'
import { loadCardFixture, RECORDED_AT_MS } from './fixtures/load-fixtures.ts'
import { generateHouse } from './generate-house.ts'
import { createSimulatedDevice, type SimulatedDevice } from '../../test/doubles/simulated-device.ts'
import { cardSource } from './start-simulator.ts'

const ROWS = '&begin=1717199820&end=1717200000&group=1m'

function openDevice(): SimulatedDevice {
  const source = cardSource(loadCardFixture('iwatt5'))
  return createSimulatedDevice({ source, clock: { nowMs: () => RECORDED_AT_MS } })
}

function get(device: SimulatedDevice, url: string): string {
  return device.answer({ method: 'GET', url }).body
}

it('a reading that is no number is printed bare, and changes nothing of what is logged', () => {
  const device = openDevice()
  const rows = get(device, `/query?select=[Mains_1,Voltage]${ROWS}`)
  device.setReading('Voltage', NaN)
  device.setReading('Mains_1', -Infinity)
  const { 0: voltage, 1: mains } = get(device, '/status?inputs=').split('},{')
  expect(voltage).toBe('{"inputs":[{"channel":0,"Vrms":NaN,"Hz":NaN,"phase":1.95')
  expect(mains).toMatch(/^"channel":1,"Watts":"inf","Pf":-Infinity,.*"lastphase":-Infinity$/)
  expect(get(device, `/query?select=[Mains_1,Voltage]${ROWS}`)).toBe(rows)
  device.setReading('Voltage', undefined)
  device.setReading('Mains_1', undefined)
  expect(() => JSON.parse(get(device, '/status?inputs=&outputs='))).not.toThrow()
})

it('power that is nearly none has two places', () => {
  const device = openDevice()
  device.setReading('Mains_1', -1.9)
  expect(get(device, '/status?inputs=')).toContain('"Watts":" 0"')
})

it.each([
  [null, 'null'],
  [NaN, 'nan'],
  [Infinity, 'inf'],
  [-Infinity, '-inf'],
])('a single cell is %s', (value, printed) => {
  const device = openDevice()
  const [first, , last] = get(device, `/query?select=[Mains_1,Mains_2]${ROWS}`).slice(2, -2).split('],[')
  device.spoilCells(({ channel, atS }) => (channel === 'Mains_2' && atS === 1_717_199_880 ? value : undefined))
  const [before, spoilt, after] = get(device, `/query?select=[Mains_1,Mains_2]${ROWS}`).slice(2, -2).split('],[')
  expect([before, after]).toEqual([first, last])
  expect(spoilt).toMatch(new RegExp(`^[\\d.]+,${printed}$`))
})

it('a log stops while the clock and the web server go on, and begins again without what was measured meanwhile', () => {
  let nowMs = RECORDED_AT_MS
  const house = generateHouse({ fromMs: nowMs - DAY_MS })
  const device = createSimulatedDevice({ source: house.get('iwatt5')!, clock: { nowMs: () => nowMs } })
  const state = () => {
    const { stats, datalogs } = JSON.parse(get(device, '/status?stats=&datalogs='))
    return [stats.currenttime, datalogs[0].lastkey, datalogs[1].lastkey]
  }
  const watts = () => get(device, '/query?select=[Voltage]&begin=1717201800&end=1717203600&group=30m')
  device.stopLog()
  nowMs += HOUR_MS
  expect(state()).toEqual([1_717_203_603, 1_717_200_000, 1_717_200_000])
  expect(watts()).toBe('[[null]]')
  device.resumeLog()
  nowMs += HOUR_MS
  expect(state()).toEqual([1_717_207_203, 1_717_207_200, 1_717_207_200])
  expect(watts()).toBe('[[null]]')
})

it('a name in Latin-1 is listed in bytes that are no text, and refused when it is asked for as it was read', () => {
  const device = openDevice()
  device.renameChannel('Mains_2', decodeDeviceText(Buffer.from('Küche', 'latin1')))
  const { bytes, body } = device.answer({ method: 'GET', url: '/query?show=series' })
  expect(bytes.includes(Buffer.from('"K\xfcche"', 'latin1'))).toBe(true)
  const { series } = JSON.parse(body)
  const name: string = series[2].name
  expect(name).toBe('K\ufffdche')
  const query = (asked: string) => device.answer({ method: 'GET', url: `/query?select=[${asked}]${ROWS}` })
  expect(query(encodeURIComponent(name))).toMatchObject({
    status: 400,
    body: expect.stringContaining('Invalid series: K'),
  })
  expect(query('K%FCche').status).toBe(200)
  const config = device.answer({ method: 'GET', url: '/config.txt' })
  expect(config.headers).toContainEqual(['Content-Length', String(config.bytes.length)])
})

it('each device has its own hardware address, and another one can take its place', () => {
  const house = generateHouse({ fromMs: RECORDED_AT_MS - DAY_MS })
  const clock = { nowMs: () => RECORDED_AT_MS }
  const [first, second] = Array.from(house.values(), (source) => createSimulatedDevice({ source, clock }))
  const mac = (device: SimulatedDevice) => JSON.parse(get(device, '/status?wifi=yes')).wifi.mac
  expect(mac(first!)).toMatch(/^5C:CF:7F(:[0-9A-F]{2}){3}$/)
  expect(mac(second!)).not.toBe(mac(first!))
  first!.setMac('5C:CF:7F:00:00:01')
  expect(mac(first!)).toBe('5C:CF:7F:00:00:01')
})
