import { Command, Option } from 'commander';
import { inspectCards, places, setUp } from '../../app/index.js';
import { stopwatch } from '../../core/index.js';
import { interruption } from '../interrupt.js';
import type { Output } from '../output.js';

/** `nas setup`: native packages, the database's add-on, TensorFlow out of its Python wheel and the binding built against it. */
export function setupCommand(output: Output): Command {
  return new Command('setup')
    .description('set up TensorFlow, ONNX Runtime and the database; does nothing where that was done')
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
      const directory = places().tensorflow;
      const elapsed = stopwatch();
      const say = (text: string): void =>
        output.note(`${String(Math.round(elapsed() / 1000)).padStart(4)} s  ${text}`);
      const { made, tensorflow } = await setUp({
        flavour: gpu ? 'gpu' : 'cpu',
        directory,
        env: process.env,
        signal,
        step: async (part, run) => {
          let last = '';
          await run((text, fraction) => {
            const shown = fraction === undefined ? text : `${Math.floor(10 * fraction)}0 %`;
            // Bytes of a download change all the time; a line is printed for each tenth of it.
            if (shown !== last) say(`${part}: ${text}`);
            last = shown;
          });
          say(`${part}: done`);
        },
      });
      output.print(`${made.length === 0 ? 'everything is set up' : 'set up'} in ${directory}`);
      const { present, problem } = await inspectCards({ env: process.env, signal });
      if (gpu && problem !== undefined) output.note(`warning: ${problem.found}. fix: ${problem.fix}`);
      if (gpu && tensorflow?.verification?.gpu === false)
        output.note('it was tried on the CPU; nas doctor --backend tensorflow-gpu tries the card');
      if (!gpu && present)
        output.note('there is an NVIDIA card: nas setup --backend tensorflow-gpu sets up what trains on it');
    });
}
