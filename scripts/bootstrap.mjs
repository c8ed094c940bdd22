// Makes a fresh clone ready to run: packages, compiled sources, database, TensorFlow. Does only what is not done.
import './lib/node-version.mjs';

const { bootstrapOrExit } = await import('./lib/bootstrap.mjs');
await bootstrapOrExit({ natives: true });
