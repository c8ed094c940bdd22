// The Python side: reference, rivals and the evaluation that all networks have in common.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const HERE = fileURLToPath(new URL('../python', import.meta.url));
const run = promisify(execFile);

/** Runs one of the scripts. @returns what it printed */
export async function script({ python, data, dataFolder }, name, args) {
  const env = { ...process.env, FMNIST_DIR: join(dataFolder, 'fashion-mnist') };
  const where = data.startsWith('images:') && name !== 'reference.py' ? ['--data', data] : [];
  const { stdout } = await run(python, [join(HERE, name), ...args, ...where], { env, maxBuffer: 2 ** 26 });
  return stdout;
}

/** Writes the reference network. @returns its median latency in milliseconds */
export async function referenceMs(options, file) {
  const args = [file, ...(options.data.startsWith('images:') ? [options.data] : [])];
  return JSON.parse(await script(options, 'reference.py', args)).latency_ms;
}

/** Test accuracy, and latency in turns with the reference; the pictures are normalised as the network's own file says. */
export async function evaluate(options, model, reference) {
  return JSON.parse(await script(options, 'evaluate.py', [model, reference]));
}

export async function versions({ python }) {
  const code =
    'import json,sys,torch,onnxruntime,optuna;print(json.dumps(dict(python=sys.version.split()[0],' +
    'torch=torch.__version__,onnxruntime=onnxruntime.__version__,optuna=optuna.__version__)))';
  return JSON.parse((await run(python, ['-c', code])).stdout);
}
