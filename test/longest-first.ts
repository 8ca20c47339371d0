import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Files that take longest, most of them waiting: the last one to end should not have begun last. */
const LONGEST = [
  'test/dashboard/dashboard.test.ts',
  'test/reload-killed.test.ts',
  'test/cli.test.ts',
  'test/first-version.test.ts',
  'test/energy/energy-truth.test.ts',
  'test/load-from-card.test.ts',
  'test/migrate.test.ts',
  'test/package.test.ts',
  'test/cli/stopping.test.ts',
  'test/cli/beside-load.test.ts',
  'test/unseen-restarts-of-rewrites.test.ts',
  'src/store/victoriametrics/contract.test.ts',
  'src/store/victoriametrics/real-server.test.ts',
  'src/store/influxdb/contract.test.ts',
  'test/simulation/simulation.test.ts',
  'test/dashboard/login.test.ts',
  'test/grafana.test.ts',
  'test/failing-store.test.ts',
]

const placeOf = ({ moduleId }: TestSpecification) => {
  const place = LONGEST.findIndex((file) => moduleId.endsWith(file))
  return place < 0 ? LONGEST.length : place
}

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).toSorted((a, b) => placeOf(a) - placeOf(b))
  }
}
