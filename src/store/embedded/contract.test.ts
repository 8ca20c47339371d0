import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../runtime/clock.ts'
import { storeContract } from '../../../test/store-contract.ts'
import { openEmbedded } from './open-embedded.ts'

storeContract('the embedded store', {
  keepsDoubles: false,
  open: async () => {
    const folder = await mkdtemp(join(tmpdir(), 'embedded-'))
    return {
      store: await openEmbedded({ folder }, { clock: systemClock }),
      stop: () => rm(folder, { recursive: true }),
    }
  },
})
