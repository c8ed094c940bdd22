import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** What the page takes of other rooms is pure, but their doors also lead to files that need Node: left out if unused. */
const pureRooms = {
  name: 'pure-rooms',
  setup(build) {
    build.onResolve({ filter: /^\.\.?\// }, ({ path, importer, resolveDir }) => {
      const target = join(resolveDir, path.replace(/\.js$/, '.ts'));
      if (!/\/src\/core\//.test(target) || !existsSync(target)) return undefined;
      return { path: target, sideEffects: false, pluginData: importer };
    });
    build.onResolve({ filter: /^node:|^seedrandom$/ }, ({ path }) => ({
      path,
      external: true,
      sideEffects: false,
    }));
  },
};

/**
 * One script without imports and one style sheet, so that a report can hold both in itself; and the script of the
 * worker that tabs share. Node's modules may not be left in any of them.
 */
export async function bundlePage(root) {
  const { build } = await import('esbuild');
  const { metafile } = await build({
    entryPoints: [
      { in: join(root, 'src/page/main.ts'), out: 'page' },
      { in: join(root, 'src/page/page.css'), out: 'page' },
      { in: join(root, 'src/page/events-worker.ts'), out: 'events' },
    ],
    outdir: join(root, 'dist/page'),
    bundle: true,
    format: 'iife',
    platform: 'browser',
    target: ['chrome109', 'firefox115', 'safari16.4'],
    minify: true,
    charset: 'utf8',
    legalComments: 'eof',
    logLevel: 'warning',
    // Of core's files that need Node, and are left out.
    logOverride: { 'empty-import-meta': 'silent' },
    metafile: true,
    plugins: [pureRooms],
  });
  const foreign = Object.values(metafile.outputs).flatMap(({ imports }) => imports.map(({ path }) => path));
  if (foreign.length > 0) throw new Error(`the page's bundle imports ${foreign.join(', ')}`);
}
