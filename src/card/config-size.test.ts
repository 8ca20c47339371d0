import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { systemClock } from '../runtime/clock.ts'
import { silentLog } from '../runtime/log.ts'
import { loadCardFixture } from '../simulator/fixtures/load-fixtures.ts'
import { MAX_CONFIG_BYTES, openCardDevice } from './open-card-device.ts'

test.each([
  [MAX_CONFIG_BYTES, true],
  [MAX_CONFIG_BYTES + 1, false],
])('the configuration of a card may have %i bytes: %s', async (size, isRead) => {
  const path = await mkdtemp(join(tmpdir(), 'card-'))
  const { config, current, history } = loadCardFixture('lab')
  await mkdir(join(path, 'iotawatt'))
  await writeFile(join(path, 'iotawatt/iotalog.log'), current)
  await writeFile(join(path, 'iotawatt/histlog.log'), history)
  await writeFile(join(path, 'config.txt'), Buffer.concat([config, Buffer.alloc(size - config.length, ' ')]))
  const opening = openCardDevice({ name: 'lab', path }, { clock: systemClock, log: silentLog })
  if (isRead) await (await opening).close()
  else
    await expect(opening).rejects.toMatchObject({
      reason: 'rejected',
      message: expect.stringContaining('no configuration'),
    })
  await rm(path, { recursive: true })
})
