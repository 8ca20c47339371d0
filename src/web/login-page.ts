/** Where a person gives the token; without scripts and styles, which the policy of the pages does not allow here. */
export function loginPage(problem = ''): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>iotawatt-sync</title>
<h1>iotawatt-sync</h1>
<form method="post" action="/login">
<p><label>Token <input type="password" name="token" autocomplete="current-password" required autofocus></label>
<button>Log in</button></p>
<p role="alert">${problem}</p>
</form>
</html>
`
}
