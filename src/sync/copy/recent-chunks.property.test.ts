import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createSimulatedClock } from '../../../test/doubles/simulated-clock.ts'
import { createSimulatedStore } from '../../../test/doubles/simulated-store.ts'
import { trackRecentChunks } from './ensure-durable.ts'
import { beginStoreRun, createSyncMemory } from '../session/sync-memory.ts'

const { signal } = new AbortController()
const numRuns = process.env['LONG'] ? 2_000 : 100
const CHUNK_COUNT = 4

const act = fc.oneof(
  fc.record({ does: fc.constant('fill' as const), chunk: fc.nat(CHUNK_COUNT - 1) }),
  fc.record({ does: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 40_000 }) }),
  fc.record({ does: fc.constantFrom('die' as const, 'ask' as const) }),
)

it('whatever a store forgets when it dies, of this process or the one before, is named and so filled again', () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat(CHUNK_COUNT - 1)),
      fc.array(act, { maxLength: 25 }),
      fc.boolean(),
      async (before, acts, hidesStart) => {
        const clock = createSimulatedClock(1_000_000)
        const store = createSimulatedStore({ clock, hidesStart })
        const chunks = Array.from({ length: CHUNK_COUNT }, (_, at) => ({
          fromMs: at * 60_000,
          untilMs: (at + 1) * 60_000,
        }))
        const labelsOf = (chunk: number) => ({ __name__: 'power', location: String(chunk) })
        const has = (chunk: number) => store.samplesOf(labelsOf(chunk)).length > 0
        const write = (chunk: number) =>
          store.write([{ labels: labelsOf(chunk), timestampsMs: [chunk * 60_000], values: [1] }], signal)
        for (const chunk of new Set(before)) await write(chunk)

        const memory = createSyncMemory()
        beginStoreRun(memory, hidesStart ? undefined : clock.nowMs())
        const recent = trackRecentChunks({ store, clock, memory })
        const done = new Set<number>()
        let hasDied = false
        async function fill(chunk: number): Promise<void> {
          const isWritten = !has(chunk)
          if (isWritten) await write(chunk)
          recent.add(chunks[chunk] ?? { fromMs: 0, untilMs: 0 }, isWritten)
          done.add(chunk)
        }
        async function ask(): Promise<void> {
          const { chunks: forgotten } = await recent.findForgotten(signal)
          if (!hasDied && !hidesStart) expect(forgotten).toEqual([])
          expect(new Set(forgotten).size).toBe(forgotten.length)
          for (const chunk of forgotten) await fill(chunks.indexOf(chunk))
          const young = recent.unproven().windows.map((chunk) => chunks.indexOf(chunk))
          // Where a death cannot be seen, what is lost is found when it must have become durable.
          const isKnown = (chunk: number) => !hidesStart || !young.includes(chunk)
          expect([...done].filter((chunk) => !has(chunk) && isKnown(chunk))).toEqual([])
        }
        for (const each of acts) {
          if (each.does === 'fill') await fill(each.chunk)
          else if (each.does === 'wait') await clock.advance(each.ms)
          else if (each.does === 'ask') await ask()
          else {
            store.kill()
            await clock.advance(1_000)
            store.start()
            hasDied = true
          }
        }
        await ask()
        for (let round = 0; recent.unproven().windows.length > 0; round++) {
          expect(round).toBeLessThan(3)
          await clock.advance(31_000)
          await ask()
        }
        expect([...done].filter((chunk) => !has(chunk))).toEqual([])
      },
    ),
    { numRuns },
  ))
