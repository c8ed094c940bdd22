// What is compared: each tool gets the same minutes and writes one ONNX file.
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { script } from './python.mjs';

const CLI = fileURLToPath(new URL('../../../dist/cli/nas.js', import.meta.url));
const run = promisify(execFile);

/** @returns the path of the network's ONNX file; a tool that found none writes none */
export async function runTool({ tool, seed, fraction, targetMs, out, options }) {
  mkdirSync(out, { recursive: true });
  if (tool === 'nas') return product([], { seed, targetMs, out, options });
  if (tool === 'nas-scale') return product(['--strategy', 'scale'], { seed, targetMs, out, options });
  const name = tool === 'optuna' ? 'optuna_torch.py' : `${tool}_baseline.py`;
  const args = ['--minutes', options.minutes, '--fraction', fraction, '--seed', seed, '--out', out];
  await script(options, name, args.map(String));
  return join(out, 'best.onnx');
}

/** `nas start` in the given time, all but the ONNX file of the network that it ended with. */
async function product(more, { seed, targetMs, out, options }) {
  const study = ['--study', 'yardstick', '--runs', out];
  const nas = (...args) => run(process.execPath, [CLI, ...args], { maxBuffer: 2 ** 26 });
  const start = nas(
    ...['start', ...study, '--data', options.data, '--data-folder', options.dataFolder],
    ...['--platform', 'onnxruntime', '--target-latency', `${targetMs.toFixed(4)}ms`],
    ...['--time', `${options.minutes}m`, '--seed', seed, ...more],
  );
  // A run that ends over its target exports its network too, and exits with a code of its own.
  await start.catch((error) => {
    if (!existsSync(join(out, 'yardstick', 'exports'))) throw error;
  });
  const [trial = ''] = readdirSync(join(out, 'yardstick', 'exports'));
  await nas('export', trial.replace('trial-', ''), ...study, '--format', 'onnx', '--out', join(out, 'onnx'));
  return join(out, 'onnx', 'model.onnx');
}
