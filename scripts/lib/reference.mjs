import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { durabilityPart, readFigures } from './durability.mjs';

/** The parts of the documentation that follow from the compiled sources: name → Markdown. */
export async function generators(root) {
  const load = (path) => import(pathToFileURL(join(root, 'dist', path)).href);
  const [program, space, detector, strides, app, columns, schema, { loadSqlite }] = await Promise.all([
    load('cli/program.js'),
    load('space/index.js'),
    load('detector/index.js'),
    load('space/architecture/strides.js'),
    load('app/study/defaults.js'),
    load('trials/query/columns.js'),
    load('trials/sqlite/schema.js'),
    load('trials/sqlite/load.js'),
  ]);
  return {
    commands: commands(program),
    'stride-table': strideTable(space, strides),
    'space-mobilenetv3': choices(space, 'mobilenetv3'),
    'space-mnasnet': choices(space, 'mnasnet'),
    'space-backbone': choices(space, 'backbone'),
    'default-specification': defaults(app),
    recipes: recipes(app),
    'preset-totals': totals(space),
    detectors: detectors(space, detector),
    'where-columns': whereColumns(columns),
    schema: sql({ ...schema, loadSqlite }),
    durability: durabilityPart(readFigures()),
  };
}

const silent = { width: 100, colour: false, live: false, print() {}, json() {}, note() {} };

/** Every command that does something, in the order of `nas --help`. */
function commands({ nasProgram }) {
  const sections = [];
  const visit = (command, path) => {
    if (command.commands.length === 0) sections.push(section(command, path));
    for (const child of command.commands) visit(child, `${path} ${child.name()}`);
  };
  for (const command of nasProgram(silent).commands) visit(command, `nas ${command.name()}`);
  return sections.join('\n\n');
}

function section(command, path) {
  const given = command.registeredArguments;
  const words = given.map((argument) =>
    argument.required ? `<${argument.name()}>` : `[${argument.name()}]`,
  );
  const rows = [
    ...given.map((argument, index) => [words[index], argument.description || argumentMeaning(argument)]),
    ...command.options.map((option) => [option.flags, meaning(option)]),
  ];
  return [
    `### ${path}`,
    `${capital(command.description())}.`,
    `\`\`\`\n${[path, ...words, '[options]'].join(' ')}\n\`\`\``,
    table(['argument or option', 'meaning'], rows),
  ].join('\n\n');
}

function argumentMeaning(argument) {
  if (argument.name() !== 'study') return '';
  return argument.required ? 'the study' : 'the study; the newest one when left out';
}

function meaning(option) {
  const { description, argChoices, defaultValue, defaultValueDescription, mandatory, negate } = option;
  const list =
    argChoices === undefined ? '' : `; one of ${argChoices.map((name) => `\`${name}\``).join(', ')}`;
  const value = Array.isArray(defaultValue) ? defaultValue.join('×') : defaultValue;
  const start =
    value === undefined || negate ? '' : ` (default: ${defaultValueDescription ?? String(value)})`;
  return `${description}${list}${start}${mandatory ? '; **must be given**' : ''}`;
}

/** What `--where` may compare, and how its values are written; columns of the same content share a row. */
function whereColumns({ COLUMN_NAMES, contentOf }) {
  const rows = new Map();
  for (const column of COLUMN_NAMES) {
    const written = writtenAs(contentOf(column));
    rows.set(written, [...(rows.get(written) ?? []), `\`${column}\``]);
  }
  const lines = [...rows].map(([written, names]) => [names.join(', '), written]);
  return table(['columns', 'a value is written'], lines, false);
}

function writtenAs({ of, units = {}, names = [] }) {
  const ends = Object.keys(units).map((unit) => `\`${unit}\``);
  if (of === 'name') return `one of ${names.map((name) => `\`${name}\``).join(', ')}`;
  if (of === 'moment') return "`'2026-01-31'`, `'2026-01-31T12:00'` (UTC), or milliseconds since 1970";
  if (of === 'text') return 'in quotes';
  return ends.length === 0 ? 'a number' : `a number, bare or with ${ends.join(', ')}`;
}

/** The rule applied to a network with MobileNetV3-Large's strided blocks. */
function strideTable({ presetArchitecture, layersOf }, { adaptStrides }) {
  const name = 'mobilenet_v3_large';
  const rows = [28, 32, 64, 96, 128, 224].map((side) => {
    const architecture = presetArchitecture(name, { input: [side, side, 3], classes: 10 });
    const strides = architecture.blocks.flatMap((block) => ('stride' in block ? [block.stride] : []));
    const pool = layersOf(architecture).find((layer) => layer.name.endsWith('.pool'));
    const five = adaptStrides([2, 2, 2, 2, 2], [side, side, 3]);
    return [
      `${side}×${side}`,
      five.filter((stride) => stride === 2).length,
      five[0],
      five.slice(1).join(', '),
      `${pool.in[0]}×${pool.in[1]}`,
      strides.flatMap((stride, index) => (stride === 2 ? [index] : [])).join(', '),
    ];
  });
  return table(
    ['picture', 'halvings', 'stem', 'other four strided blocks', 'last map', `strided blocks of ${name}`],
    rows,
  );
}

function choices({ searchSpace, describeSpace }, name) {
  const at = (input) => describeSpace(searchSpace(name, { input, classes: 10 }));
  const { choices: list, size } = at([28, 28, 1]);
  const power = `${size[0]}.${size.slice(1, 3)}·10^${size.length - 1}`;
  const rows = new Map();
  for (const choice of list) {
    const [part, what] = choice.name.split('.');
    const key = `${what}: ${choice.options.join(', ')}`;
    rows.set(key, { what, options: choice.options, parts: [...(rows.get(key)?.parts ?? []), part] });
  }
  const lines = [...rows.values()].map(({ what, parts, options }) => [
    `${what}`,
    parts.join(', '),
    options.join(', '),
  ]);
  return `${list.length} choices, ${power} genomes at 28×28.\n\n${table(['choice', 'of', 'options'], lines)}`;
}

const DEMO = {
  study: 'demo',
  data: { name: 'fashion-mnist', folder: '.data', heldOut: 0.1, size: null, limit: null },
  task: { input: [28, 28, 1], classes: 10 },
  targetMs: 2,
  workers: 2,
};

function defaults({ studySpec }) {
  const spec = studySpec(DEMO);
  return `\`\`\`json\n${JSON.stringify(spec, null, 2)}\n\`\`\``;
}

/** What `--recipe` changes, as a study's specification has it. */
function recipes({ studySpec }) {
  const [quick, paper] = ['quick', 'paper'].map((recipe) => studySpec({ ...DEMO, recipe }));
  const row = (name, of) => [name, of(quick), of(paper)];
  const optimiser = ({ kind, momentum, decay, epsilon }) =>
    kind === 'rmsprop'
      ? `RMSProp, momentum ${momentum}, decay ${decay}, epsilon ${epsilon}`
      : `momentum SGD, ${momentum}`;
  const warmup = ({ warmupEpochs, warmupShare }) =>
    `${warmupEpochs} epochs, at most ${100 * warmupShare} % of the steps`;
  return table(
    ['', '`--recipe quick` (default)', '`--recipe paper`'],
    [
      row('batch', ({ recipe }) => recipe.batch),
      row('optimiser', ({ recipe }) => optimiser(recipe.optimiser)),
      row('peak learning rate', ({ proxy }) => `${proxy.learningRate}, grows with the batch`),
      row('schedule', ({ proxy }) => proxy.schedule),
      row(
        'warm-up of a candidate, of the final training',
        ({ proxy, final }) => `${warmup(proxy)}; ${warmup(final)}`,
      ),
      row('weight decay', ({ recipe }) => recipe.weightDecay),
      row('dropout', ({ recipe }) => recipe.dropout),
      row('decay of the average of weights', ({ recipe }) => recipe.emaDecay),
      row('black pixels around a picture to crop from', ({ recipe }) => recipe.pad),
      row('epochs per candidate', ({ proxy }) => proxy.epochs),
      row('epochs of the final training', ({ final }) => final.epochs),
    ],
    false,
  );
}

function totals({ presetArchitecture, presetNames, paramsOf, maddsOf }) {
  const names = [...presetNames, 'mobilenet_v3_large@0.75', 'mobilenet_v3_small@0.75'];
  const rows = names.map((name) => {
    const architecture = presetArchitecture(name, { input: [224, 224, 3], classes: 1000 });
    const madds = (maddsOf(architecture) / 1e6).toFixed(1);
    return [`\`${name}\``, paramsOf(architecture).toLocaleString('en'), `${madds} M`];
  });
  return table(['preset', 'parameters', 'multiply-adds'], rows, false);
}

const DETECTOR_BACKBONES = [
  'mobilenet_v3_large',
  'mobilenet_v3_small',
  'mobilenet_v3_large_minimalistic',
  'mobilenet_v3_small_minimalistic',
  'mobilenetv4_conv_small',
];

/** RT-DETR on its own and on published backbones, at 640×640 and 80 classes. */
function detectors(
  { presetArchitecture },
  { backboneOf, describeDetector, hgnetL, RTDETR_L, DEFAULT_SIZES },
) {
  const input = [640, 640];
  const own = [RTDETR_L, hgnetL(input)];
  const presets = DETECTOR_BACKBONES.map((name) => [
    name,
    backboneOf(name, presetArchitecture(name, { input: [...input, 3], classes: 1000 })),
  ]);
  const millions = (params) => `${(params / 1e6).toFixed(2)} M`;
  const rows = [own, ...presets].map(([name, backbone]) => {
    const { params, gflops, gflopsThop20, parts } = describeDetector(backbone, input, DEFAULT_SIZES);
    const channels = backbone.features.map((feature) => feature.channels).join(', ');
    const numbers = [millions(parts[0].params), millions(params), gflops.toFixed(1), gflopsThop20.toFixed(1)];
    return [`nas detector ${name}`, channels, parts[0].gflops.toFixed(2), ...numbers];
  });
  return table(
    [
      'command',
      'channels of C3, C4, C5',
      'GFLOPs of the backbone',
      'its parameters',
      'parameters',
      'GFLOPs',
      'GFLOPs by thop 2.0',
    ],
    rows,
  );
}

/** The statements that make a new database, as SQLite keeps them. */
function sql({ migrate, SCHEMA_VERSION, loadSqlite }) {
  const database = loadSqlite()(':memory:');
  try {
    migrate(database);
    const rows = database.prepare('SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL').all();
    const text = rows
      .map((row) => `${row.sql.replace(/^ {4}/gm, '  ').replace(/\n {2}\)/, '\n)')};`)
      .join('\n');
    return `Schema version ${SCHEMA_VERSION} (\`PRAGMA user_version\`).\n\n\`\`\`sql\n${text}\n\`\`\``;
  } finally {
    database.close();
  }
}

/** @param code whether the first column is set as code */
function table(titles, rows, code = true) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  const cell = (value) => String(value).replaceAll('|', '\\|').replaceAll('<', '\\<');
  const body = rows.map(([first, ...rest]) => line([code ? `\`${first}\`` : cell(first), ...rest.map(cell)]));
  return [line(titles), line(titles.map(() => '---')), ...body].join('\n');
}

function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
