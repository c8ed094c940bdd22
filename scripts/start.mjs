// npm start: makes everything ready, then `nas start` with the arguments given.
import './lib/node-version.mjs';

const { bootstrapOrExit, ROOT } = await import('./lib/bootstrap.mjs');
const { join } = await import('node:path');
const { passThrough } = await import('./lib/run.mjs');

await bootstrapOrExit({ natives: true });
const nas = join(ROOT, 'dist/cli/nas.js');
process.exitCode = await passThrough(process.execPath, [nas, 'start', ...process.argv.slice(2)], {
  cwd: ROOT,
});
