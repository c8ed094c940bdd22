// Bundles the page of dashboard and report (src/report/page) to dist/report/page/page.js and page.css.
import './lib/node-version.mjs';

const { bundlePage } = await import('./lib/page.mjs');
const { dirname, join } = await import('node:path');
const { fileURLToPath } = await import('node:url');

await bundlePage(join(dirname(fileURLToPath(import.meta.url)), '..'));
