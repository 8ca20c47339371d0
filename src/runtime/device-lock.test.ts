import { link, rm, stat } from 'node:fs/promises'
import { mkdtempSync, readdirSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { lockDevice, lockDevices } from './device-lock.ts'

let folder: string
let holder: Server | undefined
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'device-lock-'))
})
afterEach(async () => {
  holder?.close()
  holder = undefined
  await rm(folder, { recursive: true })
})

/** Somebody else in the place of a process that holds the device. */
function hold(answer: (socket: Socket) => void): Promise<void> {
  holder = createServer((socket) => answer(socket.on('error', () => {}))).unref()
  const server = holder
  return new Promise((resolve) => server.listen(join(folder, 'house.lock'), resolve))
}

describe('the lock of a device', () => {
  it('is held by one, and by the next when that one lets go', async () => {
    const first = await lockDevice(folder, 'house')
    await expect(lockDevice(folder, 'house')).rejects.toThrow(`holds this device (process ${process.pid})`)
    await first.release()
    await (await lockDevice(folder, 'house')).release()
  })

  it('of many devices is one socket under a name for each, all or none', async () => {
    const many = await lockDevices(folder, ['house', 'garage'], () => 'load')
    expect(readdirSync(folder).sort()).toEqual(['garage.lock', 'house.lock'])
    for (const device of ['house', 'garage'])
      await expect(lockDevice(folder, device)).rejects.toThrow(`${device}: another iotawatt-sync holds this device`)
    await expect(lockDevices(folder, ['shed', 'garage'])).rejects.toThrow('garage: another')
    await (await lockDevice(folder, 'shed')).release()
    await many.release()
    expect(readdirSync(folder)).toEqual([])
    await (await lockDevices(folder, ['house', 'garage'])).release()
  })

  it('of many that a dead process left are taken one by one', async () => {
    await hold(() => {})
    const left = ['a', 'b'].map((name) => join(folder, `${name}.lock`))
    for (const path of left) await link(join(folder, 'house.lock'), path)
    await new Promise((resolve) => holder?.close(resolve))
    const lock = await lockDevices(folder, ['a', 'b'])
    await expect(lockDevice(folder, 'b')).rejects.toThrow('holds this device')
    await lock.release()
  })

  it('of a holder that says more than it may is quoted in 200 characters', async () => {
    await hold((socket) => socket.write('x'.repeat(5_000)))
    await expect(lockDevice(folder, 'house')).rejects.toThrow(`(${'x'.repeat(200)})`)
  })

  it('of a holder that says nothing is held', async () => {
    await hold(() => {})
    await expect(lockDevice(folder, 'house')).rejects.toThrow('a process that does not answer')
  })

  it('that a dead process left is taken', async () => {
    await hold(() => {})
    const left = join(folder, 'left')
    await link(join(folder, 'house.lock'), left)
    await new Promise((resolve) => holder?.close(resolve))
    await link(left, join(folder, 'house.lock'))
    const lock = await lockDevice(folder, 'house')
    expect((await stat(join(folder, 'house.lock'))).mode & 0o777).toBe(0o600)
    await lock.release()
  })
})
