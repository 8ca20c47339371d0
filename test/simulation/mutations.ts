/** A change of the engine that makes it wrong; the simulation has to notice. */
export interface Mutation {
  readonly name: string
  readonly file: string
  readonly find: string
  readonly replace: string
}

export const MUTATIONS: readonly Mutation[] = [
  {
    name: 'what was written is not read back',
    file: 'src/sync/copy/unconfirmed.ts',
    find: 'if (due.size > 0) await confirmSamples(session, due, signal)',
    replace: 'void due',
  },
  {
    name: 'a failed write counts as done',
    file: 'src/sync/copy/write-samples.ts',
    find: 'doubtStore(memory, error, clock.nowMs())',
    replace: 'return;',
  },
  {
    name: 'the last minute of a window is left out',
    file: 'src/sync/copy/find-missing.ts',
    find: 'minute < last; minute++',
    replace: 'minute < last - 1; minute++',
  },
  {
    name: 'the minute that is not over is taken too',
    file: 'src/iotawatt/log-watch.ts',
    find: 'latest = { state, atMs: clock.nowMs() }',
    replace:
      'latest = { state: { ...state, status: { ...state.status, newestMs: state.status.newestMs + 60_000 } }, atMs: clock.nowMs() }; return latest.state',
  },
  {
    name: 'a write is repeated without looking at what is there',
    file: 'src/sync/copy/write-samples.ts',
    find: 'await store.write(batch, grace.signal)',
    replace: 'await store.write(batch, grace.signal).catch(() => store.write(batch, grace.signal))',
  },
  {
    name: 'a write of unknown fate is not waited for',
    file: 'src/sync/session/flush-store.ts',
    find: 'if (waitMs <= 0) return',
    replace: 'if (waitMs <= Infinity) return',
  },
  {
    name: 'a store is not flushed',
    file: 'src/sync/session/flush-store.ts',
    find: `await store.flush(signal)
  if (memory.doubts.hasForeignWrites || storeStatus.startedAtMs !== memory.storeRun.startedAtMs)
    await flushThoroughly(context, signal)`,
    replace: 'memory.doubts.hasForeignWrites = false',
  },
  {
    name: 'a question that failed counts as an empty answer',
    file: 'src/sync/copy/find-missing.ts',
    find: 'const coverages = known ?? (await session.store.coverage(labelsOf(targets), window, signal))',
    replace:
      'const coverages = await session.store.coverage(labelsOf(targets), window, signal).catch(() => labelsOf(targets).map((of) => ({ labels: of, window, minutes: new Uint8Array((window.untilMs - window.fromMs) / MINUTE_MS) })))',
  },
  {
    name: 'a batch that ends early counts as complete',
    file: 'src/sync/copy/fetch-samples.ts',
    find: 'untilMs: minutes.untilMs,',
    replace: 'untilMs: window.untilMs,',
  },
  {
    name: 'a channel that is new starts with its zeros',
    file: 'src/sync/copy/find-starts.ts',
    find: 'started.push(existed ? target',
    replace: 'started.push(existed || oldestMs > 0 ? target',
  },
  {
    name: 'what another program wrote off the minute is no obstacle',
    file: 'src/sync/copy/find-missing.ts',
    find: 'outOfRange(coverage.minutes, minute)) === state)',
    replace: 'outOfRange(coverage.minutes, minute)) !== MinuteState.there)',
  },
]
