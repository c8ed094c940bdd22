import { Command, Option } from 'commander';
import { inspectCards, places, setupTensorflow } from '../../app/index.js';
import { stopwatch } from '../../core/index.js';
import { interruption } from '../interrupt.js';
import type { Output } from '../output.js';

/** `nas setup`: TensorFlow out of its Python wheel, the binding built against it. */
export function setupCommand(output: Output): Command {
  return new Command('setup')
    .description('set TensorFlow up in the package folder; does nothing where that was done')
    .addOption(
      new Option(
        '--backend <name>',
        'for the CPU, or for an NVIDIA card with its CUDA libraries (2.8 GB to download)',
      )
        .choices(['tensorflow', 'tensorflow-gpu'])
        .default('tensorflow'),
    )
    .action(async (options: { readonly backend: 'tensorflow' | 'tensorflow-gpu' }) => {
      const gpu = options.backend === 'tensorflow-gpu';
      const signal = interruption((text) => output.note(text));
      const elapsed = stopwatch();
      let last = '';
      const result = await setupTensorflow({
        flavour: gpu ? 'gpu' : 'cpu',
        directory: places().tensorflow,
        env: process.env,
        signal,
        onProgress: ({ stage, fraction, detail }) => {
          const share = fraction === undefined ? '' : ` ${10 * Math.floor(10 * fraction)} %`;
          const text = `${stage}${share}`;
          if (text === last) return;
          last = text;
          const seconds = String(Math.round(elapsed() / 1000)).padStart(4);
          output.note(`${seconds} s  ${text}${detail === undefined ? '' : `  ${detail}`}`);
        },
      });
      output.print(`TensorFlow is ${result.status} (${result.installation.directory})`);
      const { present, problem } = await inspectCards({ env: process.env, signal });
      if (gpu && problem !== undefined) output.note(`warning: ${problem.found}. fix: ${problem.fix}`);
      if (gpu && result.verification?.gpu === false)
        output.note('it was tried on the CPU; nas doctor --backend tensorflow-gpu tries the card');
      if (!gpu && present)
        output.note('there is an NVIDIA card: nas setup --backend tensorflow-gpu sets up what trains on it');
    });
}
