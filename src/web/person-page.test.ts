import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { COLOURS } from './login-page.ts'

it.each(Object.entries(COLOURS))('%s is the colour that it is in the dashboard', async (name, value) => {
  const tokens = await readFile(new URL('../dashboard/styles/tokens.css', import.meta.url), 'utf8')
  expect(tokens).toContain(`--${name}: ${value};`)
})
