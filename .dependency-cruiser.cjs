/** Who may import whom. Every import that no line of `MAY_IMPORT` allows is an error. */

/** The folders of `src/` from the top floor to the bottom one: imports point down only. */
const FLOORS = ['app', 'fronts', 'learning', 'serving', 'insight', 'models', 'platform'];

const from = (floor) => FLOORS.slice(FLOORS.indexOf(floor)).map((name) => `src/${name}`);

/** For each top folder: the folders that its files may import, itself included where it may. */
const MAY_IMPORT = {
  'src/main.ts': [...from('app'), 'src/observability'],
  'src/cli': ['src/cli', 'src/main.ts', 'src/app/config', ...from('fronts')],
  'src/app': [...from('app'), 'src/observability'],
  'src/fronts': from('fronts'),
  'src/learning': from('learning'),
  'src/serving': [...from('serving'), 'native'],
  'src/insight': from('insight'),
  'src/models': [...from('models'), 'native'],
  'src/platform': [...from('platform'), 'native'],
  // Observability watches the floors from beside them; only `main.ts` and `app` connect it.
  'src/observability': ['src/observability', ...from('serving')],
  workers: from('fronts'),
  native: ['native'],
  tools: ['tools', 'src/cli', 'src/app/config', ...from('fronts')],
  // Libraries for others: nothing of the server is in them.
  clients: ['clients'],
  // The page runs in browsers: nothing of the server is in it, too.
  dashboard: ['dashboard', 'clients'],
  bench: ['bench', 'src', 'native', 'tests/support', 'clients'],
  tests: ['tests', 'src', 'native', 'tools', 'bench', 'clients', 'dashboard'],
};

/** Matches a file, or whatever lies below a folder. */
const pathOf = (name) => (name.endsWith('.ts') ? `^${name}$` : `^${name}/`);

const allowed = Object.entries(MAY_IMPORT).map(([importer, imported]) => ({
  from: { path: pathOf(importer) },
  to: { path: imported.map(pathOf) },
}));

/** The files that load an engine's library or addon. */
const ENGINES = '^src/models/engines/[^/]+/(load|[a-z]+-(engine|calibrator))\\.ts$';

module.exports = {
  allowed,
  allowedSeverity: 'error',
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'errors-import-nothing',
      severity: 'error',
      from: { path: '^src/platform/errors\\.ts$' },
      to: { path: '^(src|workers|native)/' },
    },
    {
      name: 'the-door-knows-no-protocol',
      severity: 'error',
      from: { path: '^src/fronts/door/' },
      to: { path: '^src/fronts/(?!door/)' },
    },
    {
      name: 'batching-knows-no-engine',
      severity: 'error',
      from: { path: '^src/serving/batching/' },
      to: { path: ['^src/models/', '^src/serving/decoding/'] },
    },
    {
      name: 'the-main-thread-loads-no-engine',
      comment: 'Engines block: they run in workers, in the command line, and in tests.',
      severity: 'error',
      from: {
        path: '^src/',
        pathNot: [
          '^src/cli/',
          '^src/learning/training/',
          '^src/learning/evaluation/run\\.ts$',
          '^src/models/engines/',
        ],
      },
      to: {
        path: [ENGINES, '^src/models/engines/select\\.ts$', '^src/learning/.*/(fit|run)\\.ts$'],
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'a-provider-imports-its-engine-late',
      comment: 'The main thread imports providers.',
      severity: 'error',
      from: { path: ['^src/models/engines/providers', '^src/models/engines/[^/]+/provider'] },
      to: { path: ENGINES, dynamic: false, dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'nobody-imports-entry-points',
      comment: '`fovea serve` alone starts the server, as `npm start` does.',
      severity: 'error',
      from: { pathNot: '^src/cli/serve\\.ts$' },
      to: { path: ['^workers/', '^src/main\\.ts$', '^src/cli/main\\.ts$', '^tools/docs/write-docs\\.ts$'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    includeOnly: '^(src|workers|native|tools|tests|bench|clients|dashboard)/',
  },
};
