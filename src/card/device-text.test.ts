import fc from 'fast-check'
import { expect, it } from 'vitest'
import { decodeDeviceText, encodeDeviceText } from './device-text.ts'

it('any bytes come back as they were', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array(),
        fc.string({ unit: 'binary' }).map((text) => Buffer.from(text)),
      ),
      (bytes) => {
        expect([...encodeDeviceText(decodeDeviceText(bytes))]).toEqual([...bytes])
      },
    ),
  )
})

it.each([
  ['Küche', 'Küche'],
  ['😀', '😀'],
])('UTF-8 is text: %s', (text, expected) => expect(decodeDeviceText(Buffer.from(text))).toBe(expected))

it('a byte that is not UTF-8 is one mark', () => {
  expect(decodeDeviceText(Buffer.from('Küche', 'latin1'))).toBe('K\udcfcche')
  expect(encodeDeviceText('K\udcfcche').equals(Buffer.from('Küche', 'latin1'))).toBe(true)
})
