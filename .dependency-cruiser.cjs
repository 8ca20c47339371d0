/** What each module may import beside itself; the arrows of ARCHITECTURE.md. */
const ARROWS = {
  api: [],
  model: ['api'],
  runtime: [],
  tariff: ['model'],
  config: ['model', 'tariff', 'labels'],
  labels: ['model'],
  iotawatt: ['model', 'runtime'],
  card: ['model', 'runtime'],
  store: ['model', 'runtime'],
  house: ['model', 'runtime', 'tariff'],
  sync: ['model', 'runtime', 'labels'],
  daemon: ['model', 'runtime', 'sync'],
  alerts: ['model', 'api', 'runtime'],
  simulator: ['model', 'runtime', 'card'],
  // The login is drawn by the server, with texts of the page.
  web: ['model', 'api', 'runtime', 'tariff', 'dashboard/text'],
  dashboard: ['api'],
  cli: [
    'model',
    'api',
    'runtime',
    'config',
    'labels',
    'iotawatt',
    'card',
    'store',
    'sync',
    'daemon',
    'house',
    'alerts',
    'tariff',
    'simulator',
    'web',
  ],
}

/** What each step of the engine may import of the others. */
const STEPS = {
  session: [],
  copy: ['session'],
  tail: ['session', 'copy'],
  load: ['session', 'copy'],
  verify: ['session', 'copy'],
  check: ['session', 'copy'],
  'legacy/migrate': ['session', 'copy'],
  'legacy/reload': ['session', 'copy'],
}

/** Tests, what they share, and fixtures may import what they need. */
const TESTS = '(\\.test\\.ts$|/fixtures/)'

const arrows = Object.entries(ARROWS).map(([folder, allowed]) => ({
  name: `${folder}-imports-only-${allowed.join('-') || 'itself'}`,
  severity: 'error',
  from: { path: `^src/${folder}/`, pathNot: TESTS },
  to: {
    path: '^(src|scripts|test|bench)/',
    pathNot: `^(src/(${[folder, ...allowed].join('|')})/${folder === 'cli' ? '|scripts/victoria-metrics' : ''})`,
  },
}))

const steps = Object.entries(STEPS).map(([step, allowed]) => ({
  name: `${step}-follows-${allowed.join('-') || 'nothing'}`,
  severity: 'error',
  from: { path: `^src/sync/${step}/`, pathNot: TESTS },
  to: { path: '^src/sync/', pathNot: `^src/sync/(${[step, ...allowed].join('|')})/` },
}))

module.exports = {
  forbidden: [
    ...arrows,
    ...steps,
    { name: 'no-circles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-tests-in-the-product',
      severity: 'error',
      from: { path: '^src/', pathNot: TESTS },
      to: { path: TESTS },
    },
    {
      name: 'of-the-api-only-types',
      comment:
        'Its schemas would bring zod into the page; the values of the model need none, nor do the questions of views.',
      severity: 'error',
      from: { path: '^src/(model|dashboard)/', pathNot: TESTS },
      to: { path: '^src/api/(?!view-questions)', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'every-module-has-its-arrows',
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
      comment: 'Which ones, test/dependencies.test.ts holds: what is bundled is a dependency of development.',
      from: { path: '^src/', pathNot: `(^src/dashboard/|${TESTS})` },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
}
