import { describe, expect, it } from 'vitest'
import { MINUTE_MS } from '../model/time-window.ts'
import { lastMinutes, never, simulatedIotawatt, watts } from './fixtures/simulated-iotawatt.ts'

describe('a device with passwords', () => {
  const passwords = { admin: 'secret', user: 'reader' }
  const user = { username: 'user', password: 'reader' }
  const admin = { username: 'admin', password: 'secret' }

  it.each([user, admin])('is read as $username with one login', async (auth) => {
    const { readAll, device, sent } = simulatedIotawatt('iwatt5', { passwords, auth })
    expect((await readAll({ ...lastMinutes(1500), columns: watts('Mains_1') })).length).toBe(1500)
    expect(sent.filter(({ authorization }) => authorization === undefined).length).toBe(1)
    expect(device.counters().requests).toBe(sent.length)
  })

  it('shows its configuration to its administrator', async () => {
    const { iotawatt, run } = simulatedIotawatt('iwatt5', { passwords, auth: admin })
    expect(await run(iotawatt.configFingerprint(never))).toMatch(/=$/)
  })

  it('and to nobody else, who does not ask again for an hour, nor log in for it', async () => {
    const { iotawatt, run, clock, sent } = simulatedIotawatt('iwatt5', { passwords, auth: user })
    await run(iotawatt.status(never))
    const countBefore = sent.length
    for (const _ of [1, 2, 3]) expect(await run(iotawatt.configFingerprint(never))).toBeUndefined()
    expect(sent.slice(countBefore)).toMatchObject([{ path: '/config.txt', authorization: undefined }])
    await clock.advance(60 * MINUTE_MS)
    await run(iotawatt.configFingerprint(never))
    expect(sent.length).toBe(countBefore + 2)
  })

  it('logs in again when its nonce has gone', async () => {
    const { iotawatt, run, device, clock } = simulatedIotawatt('iwatt5', { passwords, auth: user })
    await run(iotawatt.status(never))
    device.reboot()
    await run(iotawatt.status(never))
    await clock.advance(11 * MINUTE_MS)
    expect((await run(iotawatt.fetchRows(lastMinutes(10), never))).rows.length).toBe(10)
  })

  it.each([
    ['a wrong password', { ...user, password: 'hunter2' }],
    ['a user that it does not know', { username: 'root', password: 'hunter2' }],
    ['nobody', undefined],
  ])('refuses %s, once, and the error keeps the secret', async (_, auth) => {
    const { iotawatt, run, sent } = simulatedIotawatt('iwatt5', { passwords, auth })
    const error = await run(iotawatt.status(never)).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({
      reason: 'unauthorized',
      message: 'iwatt5: GET http://192.0.2.7/status: 401 "IoTaWatt-Login"',
      hint: expect.stringContaining('`username`'),
    })
    expect(JSON.stringify(error) + String(error)).not.toContain('hunter2')
    expect(sent.length).toBe(auth === undefined ? 1 : 2)
  })

  it('a wrong password is sent once a question, however often it is asked', async () => {
    const auth = { ...user, password: 'hunter2' }
    const { iotawatt, run, clock, sent } = simulatedIotawatt('iwatt5', { passwords, auth })
    for (let asked = 0; asked < 12; asked++) {
      await expect(run(iotawatt.status(never))).rejects.toMatchObject({ reason: 'unauthorized' })
      await clock.advance(5 * MINUTE_MS)
    }
    expect(sent.filter(({ authorization }) => authorization !== undefined)).toHaveLength(12)
    expect(sent).toHaveLength(24)
  })

  it('a correct password is accepted again after it was wrong on the device for a while', async () => {
    const changing = { admin: 'secret', user: 'other' }
    const { iotawatt, run } = simulatedIotawatt('iwatt5', { passwords: changing, auth: user })
    await expect(run(iotawatt.status(never))).rejects.toMatchObject({ reason: 'unauthorized' })
    changing.user = user.password
    expect((await run(iotawatt.status(never))).name).toBe('iwatt5')
  })

  it('a nonce that has expired costs one more question, and no error', async () => {
    const { iotawatt, run, clock, sent } = simulatedIotawatt('iwatt5', { passwords, auth: user })
    await run(iotawatt.status(never))
    expect(sent).toHaveLength(2)
    await clock.advance(9 * MINUTE_MS)
    await run(iotawatt.status(never))
    expect(sent).toHaveLength(3)
    await clock.advance(11 * MINUTE_MS)
    await run(iotawatt.status(never))
    expect(sent).toHaveLength(5)
  })

  it.each([401, 403])(
    'a user without permission (%i) is told where to look, and not asked for again',
    async (status) => {
      const { iotawatt, run, device, sent } = simulatedIotawatt('iwatt5', { passwords, auth: user })
      device.setFaults(() => ({ kind: 'status', status, body: 'Protected\r\n' }))
      await expect(run(iotawatt.listChannels(never))).rejects.toMatchObject({
        reason: 'unauthorized',
        message: `iwatt5: GET http://192.0.2.7/query?show=series: ${status} "Protected"`,
        hint: expect.stringContaining('`username`'),
      })
      expect(sent).toHaveLength(1)
    },
  )

  it('goes down at a login as user without a user password, and is spared another one for an hour', async () => {
    const { iotawatt, run, clock, sent } = simulatedIotawatt('iwatt5', { passwords: { admin: 'secret' }, auth: user })
    await expect(run(iotawatt.status(never))).rejects.toMatchObject({
      reason: 'unauthorized',
      hint: expect.stringContaining('log in as admin'),
    })
    for (const _ of [1, 2, 3])
      await expect(run(iotawatt.status(never))).rejects.toMatchObject({ reason: 'unauthorized' })
    expect(sent.filter(({ authorization }) => authorization !== undefined).length).toBe(1)
    await clock.advance(60 * MINUTE_MS)
    await expect(run(iotawatt.status(never))).rejects.toMatchObject({ reason: 'unauthorized' })
    expect(sent.filter(({ authorization }) => authorization !== undefined).length).toBe(2)
  })
})
