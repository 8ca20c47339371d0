import { createHash } from 'node:crypto'
import { login as german } from '../dashboard/text/de.ts'
import { login as english, type LoginTexts } from '../dashboard/text/en.ts'

interface LoginPage {
  readonly texts: LoginTexts
  /** Where to go afterwards, relative to the root. */
  readonly next: string
  /** Whether what was given is not the token. */
  readonly isWrong?: boolean
}

const LOGIN_TEXTS: Readonly<Record<string, LoginTexts>> = { en: english, de: german }

/** In the first language of `Accept-Language` that there is; browsers name them by preference. */
export function loginTexts(acceptLanguage = ''): LoginTexts {
  const codes = acceptLanguage.split(',').map((range) => range.trim().split(/[-;]/, 1).join('').toLowerCase())
  return codes.flatMap((code) => LOGIN_TEXTS[code] ?? [])[0] ?? english
}

/** Where a person gives the token. The form works without the script too. */
export function loginPage({ texts, next, isWrong = false }: LoginPage): PersonPage {
  const explanation = texts.explanation('<code>web.token</code>', '<code>web.tokenFile</code>')
  return personPage(
    texts,
    `<form method="post" action="login">
<input type="hidden" name="next" value="${escapeHtml(next)}">
<input type="text" name="username" value="iotawatt-sync" autocomplete="username" hidden>
<label for="token">${texts.token}</label>
<input id="token" type="password" name="token" autocomplete="current-password" autocapitalize="none" spellcheck="false" required autofocus aria-describedby="problem"${isWrong ? ' aria-invalid="true"' : ''}>
<p id="problem" class="problem" role="alert">${isWrong ? `${CROSS}${texts.wrong}` : ''}</p>
<button>${texts.title}</button>
</form>
<p>${explanation}</p>
<noscript><p>${texts.noScript}</p></noscript>`,
    scriptOf(texts),
  )
}

/** The same shape as in the dashboard: a crossed square, so that colour is not the only sign. */
const CROSS =
  '<svg width="10" height="10" viewBox="0 0 10 10" aria-hidden="true"><path d="M0 0H10V10H0Z" fill="currentColor"/><path d="M2.6 2.6L7.4 7.4M7.4 2.6L2.6 7.4" stroke="var(--bg)" stroke-width="1.6"/></svg>'

/** A request of a script says that it is ours where a proxy has changed the host; a form cannot. */
const scriptOf = ({ noAnswer }: LoginTexts): string => `
const form = document.querySelector('form')
const [token, problem, button] = [form.token, document.getElementById('problem'), form.querySelector('button')]
const cross = ${JSON.stringify(CROSS)}
const enter = () => location.replace(form.next.value || './')
// Whoever follows a link of another site has a session that the browser does not show at first.
fetch(location.href).then((answer) => answer.redirected && enter(), () => {})
form.addEventListener('submit', async (event) => {
  event.preventDefault()
  button.disabled = true
  try {
    const answer = await fetch(form.action, {
      method: 'POST',
      headers: { 'X-Requested-With': 'iotawatt-sync' },
      body: new URLSearchParams({ token: token.value }),
    })
    if (answer.ok) return enter()
    const { error, hint } = await answer.json()
    say([error, hint].filter(Boolean).join(' '))
    token.setAttribute('aria-invalid', answer.status === 401)
    token.select()
  } catch {
    say(${JSON.stringify(noAnswer)})
  } finally {
    button.disabled = false
  }
})
function say(words) {
  problem.innerHTML = cross
  problem.append(words)
}
`

/** A small page that stands by itself, in the look of the dashboard: a login, or why something is not shown. */
export interface PersonPage {
  readonly html: string
  /** Its style and its script may run, and no other. */
  readonly contentPolicy: string
}

/** The colours of the dashboard, as `src/dashboard/styles/tokens.css` has them. */
export const COLOURS: Readonly<Record<string, string>> = {
  bg: 'light-dark(#f4f6f5, #101416)',
  field: 'light-dark(#ffffff, #181e21)',
  rule: 'light-dark(#d6dcda, #2a3236)',
  edge: 'light-dark(#7c8886, #75817f)',
  ink: 'light-dark(#14191b, #e9eeec)',
  'ink-2': 'light-dark(#424b4e, #b6c0be)',
  bad: 'light-dark(#b3261e, #ff857a)',
  focus: 'light-dark(#0b57d0, #8ab4ff)',
}

const STYLE = `
:root{color-scheme:light dark;${Object.entries(COLOURS)
  .map(([name, value]) => `--${name}:${value};`)
  .join('')}}
:root[data-theme='light']{color-scheme:light}
:root[data-theme='dark']{color-scheme:dark}
*{box-sizing:border-box;margin:0}
body{font:13px/20px Inter,system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans','Liberation Sans',sans-serif;color:var(--ink);background:var(--bg)}
header{height:52px;padding:0 24px;display:flex;align-items:center;font-size:15px;font-weight:650;letter-spacing:-.01em;border-bottom:1px solid var(--rule)}
main{max-width:448px;padding:40px 24px;margin:0 auto}
h1{font-size:20px;line-height:28px;font-weight:600;letter-spacing:-.01em}
p{color:var(--ink-2);padding-top:8px}
code{font:12px ui-monospace,'SF Mono','Cascadia Mono',Menlo,Consolas,'Liberation Mono',monospace;overflow-wrap:anywhere}
label{display:block;padding:20px 0 4px;font-weight:600}
input,button{font:inherit;color:inherit;min-height:40px;padding:0 12px;border:1px solid var(--edge);border-radius:3px;background:var(--field)}
input{width:100%}
input[aria-invalid='true']{border-color:var(--bad)}
button{margin-top:12px;background:var(--ink);border-color:var(--ink);color:var(--bg);font-weight:600;cursor:pointer}
button:disabled{opacity:.45}
:focus-visible{outline:2px solid var(--focus);outline-offset:2px}
.problem{color:var(--bad);font-weight:600;min-height:28px}
.problem svg{margin-right:5px;vertical-align:-1px}
@media(max-width:640px){header{height:46px;padding:0 16px}main{padding:24px 16px}input{font-size:16px}}
`

const THEME = "try{document.documentElement.dataset.theme=localStorage.getItem('theme')??'system'}catch{}"

/** `body` is markup, `title` is text. */
export function personPage(
  { locale, title }: { readonly locale: string; readonly title: string },
  body: string,
  script = '',
): PersonPage {
  const code = `${THEME}\n${script}`
  return {
    html: `<!doctype html>
<html lang="${locale}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="same-origin">
<title>${escapeHtml(title)}: iotawatt-sync</title>
<link rel="icon" href="data:,">
<style>${STYLE}</style>
</head>
<body>
<header>iotawatt-sync</header>
<main>
<h1>${escapeHtml(title)}</h1>
${body}
</main>
<script>${code}</script>
</body>
</html>
`,
    contentPolicy: `default-src 'none'; img-src data:; style-src '${hashOf(STYLE)}'; script-src '${hashOf(code)}'; connect-src 'self'; base-uri 'none'; form-action 'self'`,
  }
}

const hashOf = (text: string): string => `sha256-${createHash('sha256').update(text).digest('base64')}`

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => ENTITIES[character] ?? '')
}
