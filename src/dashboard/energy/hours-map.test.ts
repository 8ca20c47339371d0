import { expect, it } from 'vitest'
import { hoursByWall } from './hours-map.tsx'

const day = (watts: readonly number[], wallHours?: readonly number[]) => ({
  date: '',
  fromMs: 0,
  watts,
  ...(wallHours && { wallHours }),
})

it.each([
  ['an ordinary day', day([10, 11, 12]), 1, [11]],
  ['an hour still to come', day([10, 11, 12]), 3, []],
  ['the hour left out', day([10, 11, 13], [0, 1, 3]), 2, []],
  ['the hour after it', day([10, 11, 13], [0, 1, 3]), 3, [13]],
  ['the hour that occurs twice', day([10, 11, 12, 13], [0, 1, 1, 2]), 1, [11, 12]],
])('%s', (_, given, hour, expected) => expect(hoursByWall(given, hour)).toEqual(expected))
