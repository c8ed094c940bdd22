// Bundles the page of dashboard and report, and the files that are started as processes, into dist.
import './lib/node-version.mjs';

const { bundleEntries } = await import('./lib/bundle.mjs');
const { bundlePage } = await import('./lib/page.mjs');
const { dirname, join } = await import('node:path');
const { fileURLToPath } = await import('node:url');

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
await Promise.all([bundlePage(root), bundleEntries(root)]);
