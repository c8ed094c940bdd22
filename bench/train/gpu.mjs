// The same on a graphics card: steps per second at batch 256 of PyTorch, eager and compiled, and of our pool with 1 to 4
// workers in one host. `--device cpu --batch 32 --seconds 2 --rounds 1 --workers 1` shows on any machine that it works.
import { parseArgs } from 'node:util';
import { machine } from '../lib/machine.mjs';
import { describe, networkNames } from './lib/networks.mjs';
import { openPool } from './lib/our-pool.mjs';
import { writePictures } from './lib/pictures.mjs';
import { torchPython } from './lib/python.mjs';
import { recipes } from './lib/recipes.mjs';
import { writeResult } from '../lib/results.mjs';
import { startTorch } from './lib/sides.mjs';
import { race, shownRace } from './parts/racing.mjs';

const log = (text) => process.stdout.write(`${text}\n\n`);

const text = (initial) => ({ type: 'string', default: initial });
const args = process.argv.slice(2);
const { values } = parseArgs({
  args,
  options: {
    device: text('cuda'),
    networks: text(networkNames.join()),
    batch: text('256'),
    workers: text('1,2,3,4'),
    rounds: text('5'),
    seconds: text('10'),
    'no-compile': { type: 'boolean', default: false },
    out: text(''),
  },
});
const [batch, rounds, seconds] = [values.batch, values.rounds, values.seconds].map(Number);
const { device } = values;
const recipe = { ...recipes.quick, batch };

const python = torchPython(log, device);
const pictures = await writePictures();
const ours = [];
let side;
try {
  if (!pictures.real) throw new Error('the pool reads Fashion-MNIST. fix: npx nas data get fashion-mnist');
  const flavour = device === 'cpu' ? 'cpu' : 'gpu';
  for (const workers of values.workers.split(',').map(Number)) {
    const pool = await openPool({ workers, threads: null, flavour, batch });
    ours.push({ name: `ours, ${workers} workers`, pool });
  }
  side = await startTorch({ python, threads: 2, folder: pictures.folder, device });
  const results = [];
  for (const network of values.networks.split(',').map(describe)) {
    const kinds = values['no-compile'] ? ['whole'] : ['whole', 'compile'];
    const torch = [{ name: 'torch', sides: [side] }];
    const work = {
      network,
      ours,
      torch,
      kinds,
      recipe,
      pictures,
      seconds,
      rounds,
      progress: () => undefined,
    };
    results.push(await race(work));
    log(shownRace(results.at(-1)));
  }
  await writeResult('train', values.out, `gpu-${device}`, {
    part: 'gpu',
    command:
      `node bench/train/gpu.mjs ${args.filter((arg, i) => arg !== '--out' && args[i - 1] !== '--out').join(' ')}`.trim(),
    date: new Date().toISOString().slice(0, 10),
    machine: machine({ ours: ours[0].pool.versions, torch: side.hello }),
    seeds: { ours: 'bench', torch: 1 },
    recipe,
    secondsPerTurn: seconds,
    results,
  });
} catch (error) {
  process.stderr.write(`gpu.mjs: ${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
} finally {
  await Promise.all([...ours.map(({ pool }) => pool.close()), side?.close()]);
  pictures.close();
}
