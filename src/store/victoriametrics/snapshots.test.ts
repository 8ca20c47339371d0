import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { beforeEach, describe, expect, it } from 'vitest'
import { createSimulatedClock } from '../../../test/doubles/simulated-clock.ts'
import { silentLog } from '../../runtime/log.ts'
import type { Ask } from './connection.ts'
import { type AskedSnapshot, openSnapshotJournal, type SnapshotJournal } from './snapshot-journal.ts'
import { keepSnapshots, namesOfAsked } from './snapshots.ts'

const { signal } = new AbortController()
const START_MS = Date.UTC(2026, 10, 30, 11, 0, 0, 400)
const OTHERS = '20261130105952-18BCF2A1'

function nameAt(atMs: number, number: number): string {
  return `${new Date(atMs).toISOString().replaceAll(/\D/g, '').slice(0, 14)}-0${number}`
}

it('a journal names the snapshots of its store, whoever noted them, and no other file', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'snapshots-'))
  const journal = openSnapshotJournal(join(folder, 'new'), 'http://store')
  expect(await journal.names()).toEqual([])
  for (const name of ['a-1', 'a-2', '../a-3']) await journal.add(name)
  await openSnapshotJournal(join(folder, 'new'), 'http://another-store').add('b-1')
  await journal.remove('a-2')
  const [first, second] = [await journal.ask(1_000), await journal.ask(2_000)]
  await journal.answer(first)
  expect(await openSnapshotJournal(join(folder, 'new'), 'http://store').asked()).toEqual([second])
  expect(await openSnapshotJournal(join(folder, 'new'), 'http://another-store').asked()).toEqual([])
  expect(await openSnapshotJournal(join(folder, 'new'), 'http://store').names()).toEqual(['a-1'])
  expect((await readdir(folder)).length).toBe(1)
  await rm(folder, { recursive: true })
})

it.each([
  [-1_200, []],
  [-900, ['20261130110000-0A']],
  [0, ['20261130110000-0A']],
  [1_900, ['20261130110000-0A']],
  [2_100, []],
])('what was made when one was asked for may be it: %d ms after', (afterMs, names) => {
  const madeMs = Date.UTC(2026, 10, 30, 11)
  const listed = { names: ['20261130110000-0A', '20261130105950-09', 'other'], aheadMs: 60_000 }
  expect(namesOfAsked({ id: '', askedMs: madeMs - 60_000 - afterMs }, listed)).toEqual(names)
})

describe('snapshots', () => {
  const noted = new Map<string, Set<string>>()
  const askedFor = new Map<string, AskedSnapshot>()
  beforeEach(() => {
    noted.clear()
    askedFor.clear()
  })

  function journalOf(address: string): SnapshotJournal {
    const names = noted.get(address) ?? new Set()
    noted.set(address, names)
    return {
      names: async () => [...names],
      add: async (name) => void names.add(name),
      remove: async (name) => void names.delete(name),
      async ask(askedMs) {
        const asked = { id: `asked-${askedFor.size}`, askedMs }
        askedFor.set(asked.id, asked)
        return asked
      },
      asked: async () => [...askedFor.values()],
      answer: async ({ id }) => void askedFor.delete(id),
    }
  }

  /** A store with a snapshot of somebody else; `answer` is what goes wrong. */
  function openStore(answer: (ask: Ask, time: number) => number | 'lost' = () => 200) {
    const there = new Set([OTHERS])
    const asked: string[] = []
    const clock = createSimulatedClock(START_MS)
    let made = 0
    async function send(ask: Ask) {
      asked.push(ask.path)
      const status = answer(ask, asked.length)
      await clock.sleep(10, signal)
      const isMade = ask.path === '/snapshot/create' && (status === 200 || status === 'lost')
      const name = isMade ? nameAt(clock.nowMs(), ++made) : (ask.path.split('=')[1] ?? '')
      if (isMade) there.add(name)
      if (status === 'lost') throw new Error('the connection was lost')
      const date = new Date(clock.nowMs()).toUTCString()
      const reply = (text: string) => ({
        asked: '',
        product: 'VictoriaMetrics' as const,
        status,
        header: () => date,
        redact: String,
        body: Readable.from([]),
        text,
      })
      if (status !== 200) return reply('busy')
      if (isMade) return reply(JSON.stringify({ status: 'ok', snapshot: name }))
      if (ask.path === '/snapshot/list') return reply(JSON.stringify({ status: 'ok', snapshots: [...there] }))
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
    expect([...there]).toEqual([OTHERS, nameAt(START_MS, 1)])
    isRefused = false
    const other = open('http://another-store')
    other.resume()
    await clock.runUntilDone(other.close())
    expect([...there]).toEqual([OTHERS, nameAt(START_MS, 1)])
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
    expect(asked).toEqual(['/snapshot/create', `/snapshot/delete?snapshot=${nameAt(START_MS, 1)}`])
    expect([...there]).toEqual([OTHERS])
  })

  it.each([
    ['is lost', 'lost'],
    ['is that of a proxy without a store', 502],
  ] as const)('one whose answer %s is found by when it was asked for, and deleted', async (_, fault) => {
    const { open, clock, there } = openStore(({ path }) => (path.startsWith('/snapshot/create') ? fault : 200))
    if (fault === 502) there.add(nameAt(START_MS, 1))
    const taken = clock.runUntilDone(open().take(signal))
    if (fault === 'lost') await expect(taken).rejects.toThrow('lost')
    else expect(await taken).toBe('later')
    expect(there.size).toBe(2)
    for (let minute = 0; minute < 4; minute++) await clock.advance(60_000)
    expect([...there]).toEqual([OTHERS])
    expect(askedFor.size).toBe(0)
  })

  it('the next process deletes what one that was killed had asked for, once nothing may be making it', async () => {
    const { open, clock, there } = openStore()
    await journalOf('http://store').ask(clock.nowMs())
    there.add(nameAt(clock.nowMs(), 1))
    await clock.advance(20_000)
    const early = open()
    early.resume()
    await clock.runUntilDone(early.close())
    expect(there.size).toBe(2)
    await clock.advance(90_000)
    const later = open()
    later.resume()
    await clock.runUntilDone(later.close())
    expect([...there]).toEqual([OTHERS])
  })

  it('of several that were made then none is deleted, as one is of somebody else', async () => {
    const { open, clock, there } = openStore()
    await journalOf('http://store').ask(clock.nowMs())
    there.add(nameAt(clock.nowMs(), 1)).add(nameAt(clock.nowMs() + 1_000, 2))
    await clock.advance(120_000)
    const later = open()
    later.resume()
    await clock.runUntilDone(later.close())
    expect(there.size).toBe(3)
    expect(askedFor.size).toBe(0)
  })
})
