// Starts the two sides with the same number of threads, each a separate process.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { places } from '../../../dist/app/index.js';
import { tensorflowEnvironment, threadsFor } from '../../../dist/backends/index.js';
import { startPeer } from './peer.mjs';
import { TORCH_ENVIRONMENT } from './python.mjs';

const path = (name) => fileURLToPath(new URL(name, import.meta.url));

/**
 * Our side: TensorFlow's environment as the product sets it on a machine with the given number of cores, or the division that is
 * given: threads inside an operation, concurrent operations.
 */
export async function startOurs({ threads, division, folder }) {
  const [inside, atOnce] = division ?? [threadsFor(1, threads), Math.min(2, threads)];
  const environment = {
    ...process.env,
    ...tensorflowEnvironment({ flavour: 'cpu', deterministic: false, threads: inside }),
    TF_NUM_INTEROP_THREADS: String(atOnce),
  };
  const args = [path('../ours.mjs'), String(inside), places().tensorflow];
  return opened(startPeer('ours', process.execPath, args, environment), folder);
}

/** PyTorch's side. */
export async function startTorch({ python, threads, folder, device = 'cpu' }) {
  const environment = {
    ...process.env,
    ...TORCH_ENVIRONMENT,
    OMP_NUM_THREADS: String(threads),
    MKL_NUM_THREADS: String(threads),
    PYTHONDONTWRITEBYTECODE: '1',
    // torch.compile: each network is new to it, as to a search; what it writes goes with the pictures.
    TORCHINDUCTOR_FORCE_DISABLE_CACHES: '1',
    TORCHINDUCTOR_CACHE_DIR: join(folder, 'inductor'),
  };
  const args = [path('../pytorch/serve.py'), String(threads), device];
  return opened(startPeer('PyTorch', python, args, environment), folder);
}

async function opened(side, folder) {
  const hello = await side.ask({ do: 'hello' });
  await side.ask({ do: 'data', folder });
  return { ...side, hello };
}

/** Runs work with both sides and always ends them. */
export async function withSides(options, work) {
  const sides = [];
  try {
    sides.push(await startOurs(options));
    sides.push(await startTorch(options));
    return await work(...sides);
  } finally {
    await Promise.all(sides.map((side) => side.close()));
  }
}
