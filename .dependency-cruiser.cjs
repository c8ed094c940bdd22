/** Which rooms each room may import, through their doors; docs and reasons in CONTRIBUTING.md. */
const ROOMS = {
  core: [],
  process: ['core'],
  space: ['core'],
  network: ['core', 'space'],
  onnx: ['core'],
  data: ['core', 'process'],
  backends: ['core', 'process', 'space', 'network'],
  train: ['core', 'space', 'network', 'data', 'backends'],
  latency: ['core', 'process', 'space', 'network', 'onnx', 'backends'],
  trials: ['core', 'space'],
  search: ['core', 'space', 'trials'],
  netadapt: ['core', 'space', 'network', 'trials'],
  detector: ['core', 'space', 'network'],
  export: ['core', 'space', 'network', 'detector', 'onnx', 'backends'],
  report: ['core', 'space', 'trials'],
  pool: ['core', 'process', 'space', 'network', 'data', 'backends', 'train', 'latency', 'export', 'trials'],
  queue: ['core', 'space', 'network', 'latency', 'pool', 'trials'],
  app: Object.freeze(
    'core process space network detector data backends train latency pool queue trials search netadapt export report'.split(
      ' ',
    ),
  ),
  testing: ['core', 'space', 'network', 'latency', 'trials', 'search', 'export'],
  page: ['core', 'trials', 'report'],
  // docs/decisions/0003
  dashboard: ['core', 'space', 'trials', 'report', 'app'],
  cli: ['core', 'space', 'data', 'trials', 'report', 'app', 'dashboard'],
};

/** Rooms of which only types may be imported. */
const TYPES_ONLY = {
  data: ['backends'],
  train: ['trials'],
  latency: ['trials'],
  export: ['trials'],
  page: ['trials'],
  report: ['detector'],
};

/** Packages with one home: native ones are loaded where they are used only, the others stay exchangeable. */
const HOMES = {
  '@tensorflow/tfjs-node-gpu': '^src/backends/tensorflow/',
  '@tensorflow/tfjs(-core|-backend-cpu|-converter)?': '^src/(backends|export)/',
  'better-sqlite3': '^src/trials/',
  'onnxruntime-node': '^src/backends/onnxruntime/',
  'onnxruntime-web': '^src/latency/devices/chromium/',
  'playwright-core': '^src/latency/devices/chromium/',
  sharp: '^src/data/',
  piscina: '^src/pool/',
  vitest: '^src/testing/',
  commander: '^src/cli/',
  protobufjs: '^src/(backends/tensorflow|onnx)/',
  seedrandom: '^src/core/',
  hono: '^src/dashboard/',
  '@hono/node-server': '^src/dashboard/',
  echarts: '^src/page/',
  jsep: '^src/trials/',
  bullmq: '^src/queue/',
  ioredis: '^src/queue/connection/',
  '@aws-sdk/client-s3': '^src/queue/artifacts/',
  'node-gyp': '^src/backends/tensorflow/setup/',
};

const oneWay = Object.entries(ROOMS).map(([room, allowed]) => {
  const types = TYPES_ONLY[room] ?? [];
  return {
    name: `${room}-imports`,
    severity: 'error',
    comment: `${room} may import ${[...allowed, ...types.map((name) => `types of ${name}`)].join(', ') || 'no room'}`,
    from: { path: `^src/${room}/` },
    to: { path: '^src/', pathNot: `^src/(${[room, ...allowed, ...types].join('|')})/` },
  };
});

const typesOnly = Object.entries(TYPES_ONLY).map(([room, types]) => ({
  name: `${room}-imports-types`,
  severity: 'error',
  from: { path: `^src/${room}/` },
  to: { path: `^src/(${types.join('|')})/`, dependencyTypesNot: ['type-only'] },
}));

const homes = Object.entries(HOMES).map(([name, home]) => ({
  name: `${name}-home`,
  severity: 'error',
  comment: `${name} is imported in ${home} only`,
  from: { path: '^src/', pathNot: home },
  to: { path: `node_modules/(@types/)?${name}/` },
}));

module.exports = {
  forbidden: [
    ...oneWay,
    ...typesOnly,
    ...homes,
    {
      name: 'doors',
      severity: 'error',
      comment: "another room's files are reached through its index.ts only",
      from: { path: '^src/([^/]+)/' },
      to: { path: '^src/[^/]+/.', pathNot: ['^src/$1/', '^src/[^/]+/index[.]ts$', '^src/report/view/'] },
    },
    {
      name: 'library-surface',
      severity: 'error',
      from: { path: '^src/index[.]ts$' },
      to: { path: '^src/', pathNot: '^src/[^/]+/index[.]ts$' },
    },
    {
      name: 'known-rooms',
      severity: 'error',
      comment: 'a new room needs its line in ROOMS above',
      from: { path: '^src/[^/]+/', pathNot: `^src/(${Object.keys(ROOMS).join('|')})/` },
      to: {},
    },
    {
      name: 'page-sees-views',
      severity: 'error',
      comment: 'the page runs in a browser and draws views; of the report room it knows nothing else',
      from: { path: '^src/page/' },
      to: { path: '^src/report/', pathNot: '^src/report/view/' },
    },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'declared',
      severity: 'error',
      comment: 'the package works only where package.json says what it needs',
      from: { path: '^src/' },
      to: {
        dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'],
        // vitest is an optional peer: who runs the contract suites has it. Of the native packages, which `nas setup` brings, types are imported.
        pathNot: 'node_modules/(@types|vitest|better-sqlite3|onnxruntime-node)/',
      },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
      mainFields: ['module', 'main', 'types'],
    },
  },
};
