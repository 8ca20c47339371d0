/** What each room may import beside itself; the arrows of ARCHITECTURE.md. */
const ARROWS = {
  model: [],
  runtime: [],
  config: ['model'],
  labels: ['model'],
  iotawatt: ['model', 'runtime'],
  card: ['model', 'runtime'],
  store: ['model', 'runtime'],
  sync: ['model', 'runtime', 'labels'],
  simulator: ['model', 'runtime', 'card'],
  web: ['model', 'runtime'],
  dashboard: [],
  cli: ['model', 'runtime', 'config', 'labels', 'iotawatt', 'card', 'store', 'sync', 'simulator', 'web'],
}

/** Tests, what they share, and fixtures may import what they need. */
const TESTS = '(\\.test\\.ts$|/fixtures/|/test-[^/]+\\.ts$|-contract\\.ts$)'

const arrows = Object.entries(ARROWS).map(([room, allowed]) => ({
  name: `${room}-imports-only-${allowed.join('-') || 'itself'}`,
  severity: 'error',
  from: { path: `^src/${room}/`, pathNot: TESTS },
  to: {
    path: '^(src|scripts|test|bench)/',
    pathNot: `^(src/(${[room, ...allowed].join('|')})/${room === 'cli' ? '|scripts/victoria-metrics' : ''})`,
  },
}))

module.exports = {
  forbidden: [
    ...arrows,
    { name: 'no-circles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-tests-in-the-product',
      severity: 'error',
      from: { path: '^src/', pathNot: TESTS },
      to: { path: TESTS },
    },
    {
      name: 'every-room-has-its-arrows',
      severity: 'error',
      from: { path: '^src/', pathNot: `^src/(${Object.keys(ARROWS).join('|')})/` },
      to: {},
    },
    { name: 'nothing-unresolved', severity: 'error', from: {}, to: { couldNotResolve: true, pathNot: '^@duckdb/' } },
    {
      name: 'the-page-is-bundled-from-these',
      severity: 'error',
      from: { path: '^src/dashboard/', pathNot: TESTS },
      to: { path: 'node_modules', pathNot: '^node_modules/(preact|@preact/signals|uplot)/' },
    },
    {
      name: 'only-declared-packages',
      severity: 'error',
      from: { path: '^src/', pathNot: `(^src/dashboard/|${TESTS})` },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
}
