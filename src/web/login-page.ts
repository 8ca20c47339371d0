import { escapeHtml, personPage, type PersonPage } from './person-page.ts'

interface LoginPage {
  /** Where to go afterwards, relative to the root. */
  readonly next: string
  readonly problem?: string
}

export const WRONG_TOKEN = 'This is not the token.'

/** Where a person gives the token. The form works without the script too. */
export function loginPage({ next, problem = '' }: LoginPage): PersonPage {
  const isWrong = problem !== ''
  return personPage(
    'Log in',
    `<form method="post" action="login">
<input type="hidden" name="next" value="${escapeHtml(next)}">
<input type="text" name="username" value="iotawatt-sync" autocomplete="username" hidden>
<label for="token">Token</label>
<input id="token" type="password" name="token" autocomplete="current-password" autocapitalize="none" spellcheck="false" required autofocus aria-describedby="problem"${isWrong ? ' aria-invalid="true"' : ''}>
<p id="problem" class="problem" role="alert">${isWrong ? `${CROSS}${escapeHtml(problem)}` : ''}</p>
<button>Log in</button>
</form>
<p>The token is what <code>web.token</code>, or the file that <code>web.tokenFile</code> names, holds on the machine on which iotawatt-sync runs.</p>
<noscript><p>The page after this one draws with JavaScript, which is switched off.</p></noscript>`,
    SCRIPT,
  )
}

/** The same shape as in the dashboard: a crossed square, so that colour is not the only sign. */
const CROSS =
  '<svg width="10" height="10" viewBox="0 0 10 10" aria-hidden="true"><path d="M0 0H10V10H0Z" fill="currentColor"/><path d="M2.6 2.6L7.4 7.4M7.4 2.6L2.6 7.4" stroke="var(--bg)" stroke-width="1.6"/></svg>'

/** A request of a script says that it is ours where a proxy has changed the host; a form cannot. */
const SCRIPT = `
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
    say('iotawatt-sync does not answer. Does it run, and can this device reach it?')
  } finally {
    button.disabled = false
  }
})
function say(words) {
  problem.innerHTML = cross
  problem.append(words)
}
`
