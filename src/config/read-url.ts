import type { Reading } from './text-setting.ts'

const EXPECTED = 'an address such as http://iotawatt.local'

/** An http or https address of a host, with a path at most; the slash at its end goes. */
export function readUrl(text: string): Reading<string> {
  // Also behind the host, where a password with a slash in it would stand.
  if (text.includes('@'))
    return {
      found: 'an address with a user or password in it',
      expected: 'the address alone; the keys username, and password or passwordFile, hold the rest',
    }
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return { expected: `${EXPECTED}${suggestScheme(text)}` }
  if (!URL.canParse(text)) return { expected: EXPECTED }
  const url = new URL(text)
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return { expected: `${EXPECTED}, with http or https` }
  if (/[?#]/.test(text))
    return {
      found: 'an address with ? or # in it',
      expected: 'host, port and path alone; a token goes into token or headers',
    }
  const endpoint = /\/(api\/v1\/\w+|query|status)\/?$/.exec(url.pathname)
  if (endpoint) return { expected: `the address without ${endpoint[0]}, which is added` }
  return { value: url.href.replace(/\/+$/, '') }
}

function suggestScheme(text: string): string {
  const withScheme = `http://${text}`
  return /^[^\s?#]+$/.test(text) && URL.canParse(withScheme) ? ` (did you mean "${withScheme}"?)` : ''
}
