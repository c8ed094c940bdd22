// npm run bench:train: the same networks in PyTorch and in ours, in turns. See README.md.
import { basename } from 'node:path';
import { describe } from './lib/networks.mjs';
import { load, machine } from '../lib/machine.mjs';
import { HELP, parseOptions } from './lib/options.mjs';
import { writePictures } from './lib/pictures.mjs';
import { torchPython } from './lib/python.mjs';
import { writeResult } from './lib/results.mjs';

const log = (text) => process.stdout.write(`${text}\n\n`);

/** Tells a terminal how far it is, on one line. */
const progress = (what) => (round, rounds) => {
  if (process.stderr.isTTY)
    process.stderr.write(`\r\x1b[K${round < rounds ? `${what}: ${round}/${rounds}` : ''}`);
};

async function main(options) {
  const python = torchPython(log);
  const pictures = await writePictures();
  try {
    if (!pictures.real)
      log('Fashion-MNIST is not here: timed on random pictures. fix: npx nas data get fashion-mnist');
    const networks = options.networks.map(describe);
    for (const part of options.parts) {
      const run = (await import(`./parts/${part}.mjs`))[part];
      log(`== ${part}`);
      const before = load();
      const { versions, ...result } = await run({ python, pictures, networks, options, log, progress });
      await writeResult(options.out, part, {
        part,
        command: options.command,
        date: new Date().toISOString().slice(0, 10),
        machine: machine(versions),
        loadBefore: before,
        loadAfter: load(),
        pictures: pictures.real ? 'fashion-mnist' : 'random',
        seeds: { ours: 'bench', torch: 1 },
        ...result,
      });
    }
  } finally {
    pictures.close();
  }
}

try {
  const options = parseOptions(process.argv.slice(2));
  if (options === null) process.stdout.write(HELP);
  else await main(options);
} catch (error) {
  const file = basename(process.argv[1]);
  process.stderr.write(
    `${file}: ${error instanceof RangeError || error instanceof Error ? error.message : error}\n`,
  );
  process.exitCode = 1;
}
