// npm pack: what is packed is what the sources give, in a fresh clone too.
import './lib/node-version.mjs';

const { bootstrapOrExit } = await import('./lib/bootstrap.mjs');
await bootstrapOrExit({ natives: false, sources: true });
