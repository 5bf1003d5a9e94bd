/** Who may import whom: dependencies point one way, from the edge to the contracts. */
const ENGINES = '^src/engines/(tensorflow|wasm|native|tfjs)';

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'errors-import-nothing',
      severity: 'error',
      from: { path: '^src/errors' },
      to: { path: '^(src|workers|native)/' },
    },
    {
      name: 'contracts-and-config-import-errors-only',
      severity: 'error',
      from: { path: '^src/(contracts|config)/' },
      to: { path: '^(src|workers|native)/', pathNot: ['^src/errors', '^src/contracts/', '^src/config/'] },
    },
    {
      name: 'parts-do-not-know-the-edge',
      severity: 'error',
      from: {
        path: '^src/(batching|images|engines|repository|history|datasets|evaluation|training|pool|visualizations)/',
      },
      to: { path: '^(src/(http|cli|app|main|dashboard)|workers/)' },
    },
    {
      name: 'batching-knows-no-engine',
      severity: 'error',
      from: { path: '^src/batching/' },
      to: { path: '^src/(engines|images|repository|training)/' },
    },
    {
      name: 'the-main-thread-loads-no-engine',
      comment: 'Engines block: they run in workers, in the command line, and in tests.',
      severity: 'error',
      from: { path: '^src/(app|main|http|batching|pool|history|repository)' },
      to: { path: ENGINES, dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'nobody-imports-entry-points',
      severity: 'error',
      from: { path: '^(src|workers|native)/' },
      to: { path: ['^workers/', '^(tests|bench)/'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    includeOnly: '^(src|workers|native|tests|bench)/',
  },
};
