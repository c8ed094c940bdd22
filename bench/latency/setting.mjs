// What the benches of latencies share: their command line, and platforms as a study's host opens them.
import { tmpdir } from 'node:os';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createTensorflowBackend } from '../../dist/backends/index.js';
import { onnxModel } from '../../dist/export/index.js';

const DIRECTORY = fileURLToPath(new URL('../../.tensorflow', import.meta.url));
const EPSILON = 1e-3;

/** Options by name with their defaults; a wrong one ends the program in one line that names those there are. */
export function optionsOf(defaults) {
  const options = Object.fromEntries(
    Object.entries(defaults).map(([name, value]) => [
      name,
      { type: 'string', ...(value === undefined ? {} : { default: value }) },
    ]),
  );
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    const known = Object.keys(defaults).map((name) => `--${name}`);
    console.error(`${basename(process.argv[1])}: ${error.message}. expected: ${known.join(' ')}`);
    process.exit(2);
  }
}

/** The command as noted with results: without a file of this machine. */
export function commandOf(file) {
  const args = process.argv.slice(2);
  const kept = args.filter(
    (arg, i) => arg !== '--out' && args[i - 1] !== '--out' && !arg.startsWith('--out='),
  );
  return [`node bench/latency/${file}`, ...kept].join(' ');
}

/** What `openPlatform` and `openDevice` need, for single pictures; `trusted`: platforms named on the command line. */
export function partsFor(threads, folder = null, trusted = []) {
  return {
    backend: () =>
      createTensorflowBackend({ directory: DIRECTORY, flavour: 'cpu', threads, temporaryFolder: tmpdir() }),
    batch: 1,
    epsilon: EPSILON,
    threads,
    onnx: ({ network, weights }, batch) => onnxModel(network, weights, { batch, epsilon: EPSILON }),
    environment: process.env,
    temporaryFolder: tmpdir(),
    folder,
    trusted,
  };
}
