import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { DAY_MS } from '../model/time-window.ts'
import { silentLog } from '../runtime/log.ts'
import { keepEndedSessions, webLogin } from './web-login.ts'

const folder = await mkdtemp(join(tmpdir(), 'ended-'))
afterAll(() => rm(folder, { recursive: true }))
let nowMs = 0
const clock = { nowMs: () => nowMs, sleep: () => Promise.resolve() }
const warnings: string[] = []
const log = { ...silentLog, warn: (message: string) => void warnings.push(message) }
/** A daemon that starts. */
const start = async (at = folder) =>
  webLogin('correct-horse-battery', { clock, ended: await keepEndedSessions(at, { clock, log }) })

it('a session that was ended stays so over a restart, and the others go on', async () => {
  const login = await start()
  const [one, other] = [login.openSession().cookie, login.openSession().cookie]
  await login.endSession(one)
  for (const each of [login, await start()]) expect([each.isSession(one), each.isSession(other)]).toEqual([false, true])
})

it('what is over by itself is forgotten', async () => {
  const ended = await keepEndedSessions(folder, { clock, log })
  await ended.add('old', DAY_MS)
  nowMs = 2 * DAY_MS
  await ended.add('new', 3 * DAY_MS)
  expect([ended.has('old'), ended.has('new')]).toEqual([false, true])
})

it.each(['no JSON', '{"a":1}', '[[1,2]]'])('a file of %j ends nothing', async (text) => {
  const damaged = join(folder, 'damaged')
  await mkdir(damaged, { recursive: true })
  await writeFile(join(damaged, 'ended-sessions.json'), text)
  const login = await start(damaged)
  expect(login.isSession(login.openSession().cookie)).toBe(true)
})

it('where it cannot be kept, it holds until the restart, and that is reported', async () => {
  const login = await start(join(folder, 'nowhere'))
  const { cookie } = login.openSession()
  await login.endSession(cookie)
  expect(login.isSession(cookie)).toBe(false)
  expect(warnings.at(-1)).toMatch(/until the next restart/)
})
