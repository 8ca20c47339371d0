import { describe, expect, it } from 'vitest'
import { formatBar, progressBars } from './open-output.ts'

const bar = { name: 'iwatt5', done: 1, total: 4, text: '1 of 4 min, 2 min left' }

describe('a bar', () => {
  const cases: [string, Partial<typeof bar>, { columns: number; nameWidth?: number }, string][] = [
    ['is as long as it may be', {}, { columns: 200 }, `iwatt5 ${'█'.repeat(8)}${'░'.repeat(22)}  25 %  ${bar.text}`],
    ['gives way to the text', {}, { columns: 50 }, `iwatt5 ███░░░░░░░░░  25 %  ${bar.text}`],
    ['and the text to the screen', {}, { columns: 30 }, 'iwatt5 ██░░░░░░  25 %  1 of …'],
    ['stands below the others', {}, { columns: 50, nameWidth: 9 }, `iwatt5    ██░░░░░░░  25 %  ${bar.text}`],
    ['is empty at first', { done: 0, text: '' }, { columns: 30 }, `iwatt5 ${'░'.repeat(16)}   0 %`],
    ['is full where there is nothing to do', { done: 0, total: 0, text: '' }, { columns: 22 }, 'iwatt5 ████████ 100 %'],
    ['is never more than full', { done: 9, text: '' }, { columns: 22 }, 'iwatt5 ████████ 100 %'],
    ['fits a screen that is next to nothing', {}, { columns: 4 }, 'iw…'],
  ]
  it.each(cases)('%s', (_, changes, { columns, nameWidth = 6 }, line) => {
    expect(formatBar({ ...bar, ...changes }, { nameWidth, columns })).toBe(line)
    expect(line.length).toBeLessThan(columns)
  })
})

describe('bars on a screen', () => {
  function setUp(rows = 24) {
    let timeMs = 0
    const screen = emulatedScreen(30, rows)
    const bars = progressBars(screen, () => timeMs)
    const show = (name: string, done: number) => {
      timeMs += 100
      bars.show({ name, done, total: 4, text: '' })
    }
    return { screen, bars, show, hurry: (done: number) => bars.show({ name: 'a', done, total: 4, text: '' }) }
  }
  const drawn = (name: string, percent: number) => expect.stringMatching(new RegExp(`^${name} [█░]+ +${percent} %$`))

  it('are drawn over each other', () => {
    const { screen, show } = setUp()
    show('a', 1)
    show('b', 2)
    show('a', 3)
    expect(screen.lines()).toEqual([drawn('a', 75), drawn('b', 50)])
  })
  it('stay below what is written', () => {
    const { screen, bars, show } = setUp()
    show('a', 1)
    bars.above(() => screen.write('a line\n'))
    show('a', 2)
    expect(screen.lines()).toEqual(['a line', drawn('a', 50)])
  })
  it('leave nothing behind', () => {
    const { screen, bars, show } = setUp()
    show('a', 1)
    show('b', 1)
    bars.clear()
    bars.above(() => screen.write('a line\n'))
    expect(screen.lines()).toEqual(['a line'])
  })
  it('are not drawn more often than a person sees', () => {
    const { screen, show, hurry } = setUp()
    show('a', 1)
    hurry(2)
    hurry(3)
    expect(screen.lines()).toEqual([drawn('a', 25)])
  })
  it('are no more than the screen has lines', () => {
    const { screen, show } = setUp(3)
    for (const name of ['a', 'b', 'c', 'd', 'c']) show(name, 1)
    expect(screen.lines()).toEqual([drawn('a', 25), drawn('b', 25)])
  })
})

/** What a terminal makes of what is written: lines, cursor up, and erasing a line. */
function emulatedScreen(columns: number, rows: number) {
  const lines: string[] = ['']
  let row = 0
  return {
    columns,
    rows,
    write(text: string) {
      for (const [part, up] of text.matchAll(/\u001b\[(?:(\d+)A|2?K|\?7[lh])|\r|\n|[^\u001b\r\n]+/g)) {
        if (part === '\n') lines[++row] ??= ''
        else if (up !== undefined) row -= Number(up)
        else if (part === '\u001b[2K') lines[row] = ''
        else if (!part.startsWith('\u001b') && part !== '\r') lines[row] = part
      }
    },
    lines: () => lines.filter((line) => line !== ''),
  }
}
