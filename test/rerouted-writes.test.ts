import { expect, it } from 'vitest'
import type { Store } from '../src/model/store.ts'
import { MINUTE_MS } from '../src/model/time-window.ts'
import { syncDevice } from '../src/sync/tail/sync-device.ts'
import { createSyncMemory } from '../src/sync/session/sync-memory.ts'
import { channelsNamed, settingsFor, SMALL_CHANNELS } from './small-house.ts'
import { verifiedHouse } from './verified-house.ts'

const { signal } = new AbortController()
const { measured, setUp } = verifiedHouse({ days: 6 })

it.each([4, 7])(
  'a node of a cluster that forgets, and takes no part for a while (write %d): the next sync is exact',
  async (dyingWrite) => {
    const settings = settingsFor('garage', { channels: channelsNamed(...SMALL_CHANNELS), allowDuplicates: true })
    const cluster = { buffers: true, deduplicates: true, mayFlush: false, nodeCount: 2 }
    const house = setUp({ stored: new Map(), settings: cluster, context: { settings } })
    let writes = 0
    const write: Store['write'] = async (...asked) => {
      await house.store.write(...asked)
      if (++writes === dyingWrite) house.store.kill(dyingWrite % 2)
    }
    const sync = () => {
      const context = { ...house.context, store: { ...house.store, write }, memory: createSyncMemory() }
      return house.clock.runUntilDone(syncDevice(context, { signal, countMissing: true, durable: true }))
    }
    await expect(sync()).rejects.toThrow('without some of its nodes')
    house.store.start(dyingWrite % 2)
    await house.clock.advance(MINUTE_MS)
    expect(await sync()).toMatchObject({ holeMinutes: 0 })
    for (const name of SMALL_CHANNELS) {
      const minutes = measured.get(name) ?? new Map<number, number>()
      expect(house.samplesOf(name).filter(([atMs]) => minutes.has(atMs))).toEqual([...minutes])
    }
  },
)
