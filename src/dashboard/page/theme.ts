import { effect, signal, type Signal } from '@preact/signals'

export const THEMES = ['system', 'light', 'dark'] as const
export type Theme = (typeof THEMES)[number]

const KEY = 'theme'

/** The choice of the person, kept by the browser; `system` follows the machine. */
export function openTheme({ document, localStorage }: Pick<Window, 'document' | 'localStorage'>): Signal<Theme> {
  const theme = signal<Theme>(THEMES.find((name) => name === localStorage.getItem(KEY)) ?? 'system')
  effect(() => {
    document.documentElement.dataset['theme'] = theme.value
    localStorage.setItem(KEY, theme.value)
  })
  return theme
}
