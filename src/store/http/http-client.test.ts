import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { dateMs } from './http-client.ts'

test.each([
  ['Sun, 06 Nov 1994 08:49:37 GMT', 784_111_777_000],
  ['50', undefined],
  ['1994-11-06', undefined],
  ['Sun, 06 Nov 1949 08:49:37 GMT', undefined],
  ['Sun, 66 Nov 1994 08:49:37 GMT', undefined],
  ['', undefined],
  [undefined, undefined],
])('the date of an answer, %j, is %s', (date, timeMs) => {
  const redact = (text: string) => text
  const body = Readable.from([])
  expect(dateMs({ asked: 'GET /', product: 'InfluxDB', status: 200, header: () => date, redact, body })).toBe(timeMs)
})
