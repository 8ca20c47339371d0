import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

const TOKENS = readFileSync(new URL('../../src/dashboard/styles/tokens.css', import.meta.url), 'utf8')

/** Relative, as WCAG 2 has it. */
function luminance(name: string, theme: 0 | 1): number {
  const pair = new RegExp(`--${name}: light-dark\\(#(\\w{6}), #(\\w{6})\\)`).exec(TOKENS)?.slice(1) ?? []
  const [red = NaN, green = NaN, blue = NaN] = [0, 2, 4].map((at) => {
    const part = Number.parseInt(pair[theme]?.slice(at, at + 2) ?? '', 16) / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

function contrast(one: string, other: string, theme: 0 | 1): number {
  const [dark = NaN, light = NaN] = [luminance(one, theme), luminance(other, theme)].toSorted((a, b) => a - b)
  return (light + 0.05) / (dark + 0.05)
}

it.each([0, 1] as const)('periods stand out from the background and from their neighbours (%i)', (theme) => {
  const names = ['p1', 'p2', 'p3', 'p4', 'p5']
  for (const name of names) expect(contrast(name, 'bg', theme)).toBeGreaterThan(3)
  for (const [index, name] of names.slice(1).entries())
    expect(contrast(name, names[index] ?? '', theme)).toBeGreaterThan(1.2)
})
