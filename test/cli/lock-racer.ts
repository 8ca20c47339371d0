import { mkdirSync, rmdirSync } from 'node:fs'
import { join } from 'node:path'
import { lockDevice } from '../../src/runtime/device-lock.ts'

/** A process that tries to hold a device whenever it is told, and answers how often it did and was not alone. */
const folder = process.argv[2] ?? ''
process.on('message', () => {
  void race().then((result) => process.send?.(result))
})
process.send?.('ready')

async function race(): Promise<{ held: number; together: number }> {
  let [held, together] = [0, 0]
  for (let time = 0; time < 3; time++) {
    const lock = await lockDevice(folder, 'house').catch(() => undefined)
    if (!lock) continue
    held++
    if (!(await wasAlone())) together++
    await lock.release()
  }
  return { held, together }
}

/** The system lets one alone make a folder. */
async function wasAlone(): Promise<boolean> {
  const path = join(folder, 'in')
  try {
    mkdirSync(path)
    await new Promise((resolve) => setImmediate(resolve))
    rmdirSync(path)
    return true
  } catch {
    return false
  }
}
