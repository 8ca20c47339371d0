import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { silentLog } from '../../runtime/log.ts'
import { createSimulatedClock } from '../../simulator/simulated-clock.ts'
import type { Ask } from './connection.ts'
import { openSnapshotJournal, type SnapshotJournal } from './snapshot-journal.ts'
import { keepSnapshots } from './snapshots.ts'

const { signal } = new AbortController()
const OTHERS = 'of-somebody-else'

it('a journal names the snapshots of its store, whoever noted them, and no other file', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'snapshots-'))
  const journal = openSnapshotJournal(join(folder, 'new'), 'http://store')
  expect(await journal.names()).toEqual([])
  for (const name of ['a-1', 'a-2', '../a-3']) await journal.add(name)
  await openSnapshotJournal(join(folder, 'new'), 'http://another-store').add('b-1')
  await journal.remove('a-2')
  expect(await openSnapshotJournal(join(folder, 'new'), 'http://store').names()).toEqual(['a-1'])
  expect((await readdir(folder)).length).toBe(1)
  await rm(folder, { recursive: true })
})

describe('snapshots', () => {
  const noted = new Map<string, Set<string>>()
  beforeEach(() => noted.clear())

  function journalOf(address: string): SnapshotJournal {
    const names = noted.get(address) ?? new Set()
    noted.set(address, names)
    return {
      names: async () => [...names],
      add: async (name) => void names.add(name),
      remove: async (name) => void names.delete(name),
    }
  }

  /** A store with a snapshot of somebody else; `answer` is what goes wrong. */
  function openStore(answer: (ask: Ask, time: number) => number | 'lost' = () => 200) {
    const there = new Set([OTHERS])
    const asked: string[] = []
    const clock = createSimulatedClock(0)
    let made = 0
    async function send(ask: Ask) {
      asked.push(ask.path)
      const status = answer(ask, asked.length)
      await clock.sleep(10, signal)
      if (status === 'lost') throw new Error('the connection was lost')
      const reply = (text: string) => ({ answer: { asked: '', status, header: () => undefined, redact: String }, text })
      if (status !== 200) return reply('busy')
      if (ask.path === '/snapshot/create') {
        const name = `ours-${++made}`
        there.add(name)
        return reply(JSON.stringify({ status: 'ok', snapshot: name }))
      }
      const name = ask.path.split('=')[1] ?? ''
      return reply(
        there.delete(name) ? '{"status":"ok"}' : `{"status":"error","msg":"cannot find snapshot \\"${name}\\""}`,
      )
    }
    const open = (address = 'http://store') =>
      keepSnapshots({ send, clock, log: silentLog, random: () => 0.5, journal: journalOf(address) })
    return { there, asked, clock, open, mades: () => made }
  }

  it('one is made for all that wait for one, and one more for those who came while it was made', async () => {
    const { open, clock, there, mades } = openStore()
    const snapshots = open()
    const first = snapshots.take(signal)
    const rest = Array.from({ length: 1_000 }, () => snapshots.take(signal))
    const durable = await clock.runUntilDone(Promise.all([first, ...rest]))
    expect(new Set(durable)).toEqual(new Set(['durable']))
    expect(mades()).toBe(2)
    expect([...there]).toEqual([OTHERS])
  })

  it.each([
    ['is refused by a proxy', 429],
    ['is not answered', 'lost'],
  ] as const)('a deletion that %s is tried again', async (_, fault) => {
    let refusals = 3
    const { open, clock, there } = openStore(({ path }) =>
      path.startsWith('/snapshot/delete') && refusals-- > 0 ? fault : 200,
    )
    expect(await clock.runUntilDone(open().take(signal))).toBe('durable')
    expect(there.size).toBe(2)
    for (let minute = 0; minute < 5; minute++) await clock.advance(60_000)
    expect([...there]).toEqual([OTHERS])
    expect([...noted.values()].flatMap((names) => [...names])).toEqual([])
  })

  it('what a process could not delete the next one does, of this store alone, and nothing that is not ours', async () => {
    let isRefused = true
    const { open, clock, there } = openStore(({ path }) =>
      path.startsWith('/snapshot/delete') && isRefused ? 503 : 200,
    )
    const earlier = open()
    await clock.runUntilDone(earlier.take(signal))
    await clock.runUntilDone(earlier.close())
    expect([...there]).toEqual([OTHERS, 'ours-1'])
    isRefused = false
    const other = open('http://another-store')
    other.resume()
    await clock.runUntilDone(other.close())
    expect([...there]).toEqual([OTHERS, 'ours-1'])
    const later = open()
    later.resume()
    await clock.runUntilDone(later.close())
    expect([...there]).toEqual([OTHERS])
    expect([...noted.values()].flatMap((names) => [...names])).toEqual([])
  })

  it('one that has begun is not cut short by a stop, and is deleted', async () => {
    const { open, clock, there, asked } = openStore()
    const snapshots = open()
    const stop = new AbortController()
    const taken = snapshots.take(stop.signal)
    stop.abort(new Error('stopped'))
    await expect(taken).rejects.toThrow('stopped')
    await clock.runUntilDone(snapshots.close())
    expect(asked).toEqual(['/snapshot/create', '/snapshot/delete?snapshot=ours-1'])
    expect([...there]).toEqual([OTHERS])
  })
})
