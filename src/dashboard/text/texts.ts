import { en, type Texts } from './en.ts'

/** One line per language, which is fetched only where it is chosen. */
const TRANSLATIONS: Readonly<Record<string, () => Promise<Texts>>> = {
  de: async () => (await import('./de.ts')).de,
}

export const LANGUAGES: readonly string[] = ['en', ...Object.keys(TRANSLATIONS)]

const LANGUAGE_KEY = 'language'

/** The choice of the person, kept by the browser; else the first of the browser's languages that there is. */
function findLanguage(): string {
  if (typeof document === 'undefined') return 'en'
  const tags = [localStorage.getItem(LANGUAGE_KEY) ?? '', ...navigator.languages]
  const codes = tags.map((tag) => tag.split('-', 1).join('').toLowerCase())
  return codes.find((code) => LANGUAGES.includes(code)) ?? 'en'
}

/** Known before anything is drawn: another language is another load of the page. */
export const texts: Texts = (await TRANSLATIONS[findLanguage()]?.().catch(() => undefined)) ?? en

export function chooseLanguage(code: string): void {
  localStorage.setItem(LANGUAGE_KEY, code)
  location.reload()
}
