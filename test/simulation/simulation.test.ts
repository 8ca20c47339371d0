import { describe, expect, it } from 'vitest'
import { mutate } from './mutate.ts'
import { MUTATIONS } from './mutations.ts'
import { runSeed } from './run-seed.ts'
import { describeFailure } from './describe-failure.ts'

const isLong = process.env['LONG'] === '1'
/** For every day. */
const SHORT_SEED = 3
/** Each failed once. */
const FORMER_FAILURES = [179, 233, 252, 283, 391, 436, 633, 1231, 2920, 22882]
const MOST_SEEDS = 60

describe('two weeks of faults, and two cycles without', () => {
  it.each([SHORT_SEED, ...(isLong ? FORMER_FAILURES : [])])('leave the store exact: seed %i', async (seed) => {
    const outcome = await runSeed(seed)
    expect(outcome.wrong.length === 0 ? '' : describeFailure(outcome)).toBe('')
  })
})

describe.runIf(isLong)('the simulation notices it when', () => {
  it.each(MUTATIONS.map((mutation, index) => [mutation.name, mutation, index] as const))('%s', async (_, ...mutant) => {
    const run = await mutate(...mutant)
    let seed = 1
    while (seed <= MOST_SEEDS && (await run(seed)).wrong.length === 0) seed++
    expect(seed).toBeLessThanOrEqual(MOST_SEEDS)
  })
})
