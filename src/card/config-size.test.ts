import { appendFile, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { systemClock } from '../runtime/clock.ts'
import { silentLog } from '../runtime/log.ts'
import { cardFixtureFolder } from '../simulator/fixtures/load-fixtures.ts'
import { MAX_CONFIG_BYTES, openCardDevice } from './open-card-device.ts'

test.each([
  [MAX_CONFIG_BYTES, true],
  [MAX_CONFIG_BYTES + 1, false],
])('the configuration of a card may have %i bytes: %s', async (size, isRead) => {
  const { folder, remove } = cardFixtureFolder('lab')
  const config = join(folder, 'config.txt')
  await appendFile(config, ' '.repeat(size - (await readFile(config)).length))
  const opening = openCardDevice({ name: 'lab', path: folder }, { clock: systemClock, log: silentLog })
  if (isRead) await (await opening).close()
  else
    await expect(opening).rejects.toMatchObject({
      reason: 'rejected',
      message: expect.stringContaining('no configuration'),
    })
  remove()
})
