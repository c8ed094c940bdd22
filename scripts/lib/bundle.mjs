import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';

/**
 * Files that are started as processes or threads. Each is put with all it imports into one file, in place of what the
 * compiler wrote: a command starts in less than half the time that reading some hundred files takes.
 */
const ENTRIES = [
  'cli/nas',
  'cli/netadapt',
  'pool/host',
  'pool/worker/worker',
  'latency/predictor/fit-thread',
  'trials/sqlite/check-thread',
  'dashboard/answer-thread',
];

/** Packages of many files that every command reads. All others stay where they are; native ones must. */
const INSIDE = /^(?:@hono\/node-server|@protobufjs\/\w+|commander|hono|protobufjs|yaml|zod)(?:\/|$)/;

export async function bundleEntries(root) {
  const { build } = await import('esbuild');
  await Promise.all(
    ENTRIES.map((entry) =>
      build({
        entryPoints: [join(root, 'src', `${entry}.ts`)],
        outfile: join(root, 'dist', `${entry}.js`),
        bundle: true,
        format: 'esm',
        platform: 'node',
        target: 'node20',
        // Names stay unchanged, for the developers' stack traces.
        minifyWhitespace: true,
        sourcemap: true,
        sourcesContent: false,
        legalComments: 'eof',
        logLevel: 'warning',
        // CommonJS packages ask for Node's modules by `require`.
        banner: {
          js: "import { createRequire as $requireOf } from 'node:module'; const require = $requireOf(import.meta.url);",
        },
        plugins: [outside, englishOnly, placesOf(root, entry)],
      }),
    ),
  );
}

const outside = {
  name: 'outside',
  setup(build) {
    build.onResolve({ filter: /^[^./]/ }, ({ path, kind }) =>
      kind === 'entry-point' || INSIDE.test(path) ? undefined : { path, external: true },
    );
  },
};

/** Messages of zod in forty languages are a third of a host's file; ours are English. */
const englishOnly = {
  name: 'english-only',
  setup(build) {
    build.onLoad({ filter: /\/zod\/v4\/locales\/index\.js$/ }, () => ({
      contents: "export { default as en } from './en.js';",
    }));
  },
};

/** A file of the sources finds what lies next to it by its own address, which is that of the bundle otherwise. */
const placesOf = (root, entry) => ({
  name: 'places',
  setup(build) {
    build.onLoad({ filter: /\/src\/.*\.ts$/ }, async ({ path }) => {
      if (path.includes('/node_modules/')) return undefined;
      const own = join('dist', relative(join(root, 'src'), path)).replace(/\.ts$/, '.js');
      const place = relative(join('dist', entry, '..'), own);
      const text = await readFile(path, 'utf8');
      return {
        contents: text.replaceAll(
          'import.meta.url',
          `new URL(${JSON.stringify(place)}, import.meta.url).href`,
        ),
        loader: 'ts',
      };
    });
  },
});
