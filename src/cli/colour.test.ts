import { PassThrough } from 'node:stream'
import { expect, it } from 'vitest'
import { paintVerdict, usesColour, withoutColour } from './colour.ts'

it.each<[object, boolean, boolean]>([
  [{}, true, true],
  [{}, false, false],
  [{ NO_COLOR: '1' }, true, false],
  [{ NO_COLOR: '' }, true, true],
  [{ TERM: 'dumb' }, true, false],
  [{ FORCE_COLOR: '0' }, true, false],
  [{ FORCE_COLOR: 'false' }, true, false],
  [{ FORCE_COLOR: '1' }, false, true],
  [{ FORCE_COLOR: '1', TERM: 'dumb' }, false, true],
  [{ FORCE_COLOR: '1', NO_COLOR: '1' }, true, true],
])('with %j, a stream that is a terminal (%s) gets colours: %s', (env, isTTY, uses) => {
  expect(usesColour({ isTTY }, { ...env })).toBe(uses)
})

it.each([
  ['GOOD  store: answers', '\u001b[32mGOOD\u001b[0m  store: answers'],
  ['WARN  a: b', '\u001b[33mWARN\u001b[0m  a: b'],
  ['BAD   a: GOOD b', '\u001b[31mBAD\u001b[0m   a: GOOD b'],
  ['  is it on? GOOD', '  is it on? GOOD'],
  ['GOODNESS', 'GOODNESS'],
])('%s', (line, painted) => {
  expect(paintVerdict(line)).toBe(painted)
})

it('a terminal without colours is still moved about on', () => {
  const stream = new PassThrough()
  withoutColour(stream).write('\u001b[31mred\u001b[0m\u001b[2Kgone\u001b[1;32mgreen')
  expect(String(stream.read())).toBe('red\u001b[2Kgonegreen')
})
