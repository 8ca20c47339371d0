// Finds Chromium, in which the tests look at the dashboard (fetching Debian's package, with the missing libraries, when there is none).
import { execFile } from 'node:child_process'
import { chmod, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { findProgram } from './debian-package.mjs'

const run = promisify(execFile)
/** The first draws the same pages without a window around them, in half the time; older releases have the second alone. */
const PACKAGES = ['chromium-headless-shell', 'chromium']
/** What it loads; of the rest that its packages depend on (icons, services, Perl) it needs nothing to draw a page. */
const IS_LOADED = /^(chromium|lib|zlib|fonts-)/
/** A second C library beside the loader of the first one runs nothing. */
const IS_C_LIBRARY = /^libc6|^libc-/
/** Only a browser that hangs takes so long for a page of one word. */
const START_TIMEOUT_MS = 600_000

/** Its path, or undefined with the reason printed through `log`. */
export function findChromium({ log = console.error } = {}) {
  return findProgram({
    programs: ['chromium-headless-shell', 'chromium', 'chromium-browser', 'google-chrome'],
    path: 'run-chromium',
    packageName: 'chromium',
    choosePackages,
    finish: makeReady,
    variable: 'CHROMIUM_BIN',
    title: 'Chromium',
    log,
  })
}

/** What an installation would bring that is not installed here. */
async function choosePackages(aptGet) {
  const simulate = (name) =>
    aptGet('--simulate', '--reinstall', '--no-install-recommends', 'install', name, 'chromium-common')
  const [shell, complete] = PACKAGES
  const { stdout } = await simulate(shell).catch(() => simulate(complete))
  const names = Array.from(stdout.matchAll(/^Inst (\S+)/gm), ([, name]) => name)
  return names.filter((name) => IS_LOADED.test(name) && !IS_C_LIBRARY.test(name))
}

async function makeReady(folder) {
  const program = join(folder, 'run-chromium')
  await writeFile(join(folder, 'fonts.conf'), FONTS)
  await writeFile(program, RUN)
  await chmod(program, 0o755)
  await drawPage(program, join(folder, 'profile'))
}

/** One that cannot start is found here, by its own words, and not by every test. */
async function drawPage(program, profile) {
  const page = 'data:text/html,<p>drawn</p>'
  const flags = ['--headless', '--no-sandbox', '--disable-gpu', `--user-data-dir=${profile}`, '--dump-dom']
  const { stdout } = await run(program, [...flags, page], { timeout: START_TIMEOUT_MS })
  await rm(profile, { recursive: true, force: true })
  if (!stdout.includes('<p>drawn</p>')) throw new Error('Chromium started, and drew no page')
}

const RUN = `#!/bin/sh
# Chromium as its packages were unpacked here, with the libraries beside it before those of the system.
here=$(dirname "$(readlink -f "$0")")
for folder in "$here"/usr/lib/*-linux-* "$here"/lib/*-linux-* "$here"/usr/lib/*-linux-*/*/; do
  [ -d "$folder" ] && LD_LIBRARY_PATH="\${LD_LIBRARY_PATH:+$LD_LIBRARY_PATH:}\${folder%/}"
done
export LD_LIBRARY_PATH
export FONTCONFIG_FILE="$here/fonts.conf"
program=$here/usr/lib/chromium/chromium-headless-shell
[ -x "$program" ] || program=$here/usr/lib/chromium/chromium
exec "$program" "$@"
`

const FONTS = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir prefix="relative">usr/share/fonts</dir>
</fontconfig>
`
