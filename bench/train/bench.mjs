// npm run bench:train: the same networks in PyTorch and in ours, in turns. See README.md.
import { basename } from 'node:path';
import { describe } from './lib/networks.mjs';
import { load, machine } from '../lib/machine.mjs';
import { HELP, parseOptions } from './lib/options.mjs';
import { writePictures } from './lib/pictures.mjs';
import { torchPython } from './lib/python.mjs';
import { writeResult } from '../lib/results.mjs';
import { log, main, progress } from '../lib/words.mjs';

async function bench(options) {
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
      await writeResult('train', options.out, part, {
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

await main(basename(process.argv[1]), async () => {
  const options = parseOptions(process.argv.slice(2));
  if (options === null) process.stdout.write(HELP);
  else await bench(options);
});
