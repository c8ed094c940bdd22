import { Command } from 'commander';
import { createRng } from '../../core/index.js';
import { costsOf, describeSpace, formatArchitecture } from '../../space/index.js';
import { resolveSpace } from '../../app/index.js';
import { spaceTable } from '../../report/index.js';
import { SPACES, jsonOption, path, pictureSize, wholeNumber } from '../options.js';
import type { Output } from '../output.js';

/** `nas space NAME|FILE`: the choices of a search space and its size, or samples of it. */
export function spaceCommand(output: Output): Command {
  return new Command('space')
    .description("print a search space's choices and its size, or sample it")
    .argument('<space>', SPACES, path)
    .option('--input <size>', 'picture size: 224, 28x28x1', pictureSize, [224, 224, 3])
    .option('--classes <n>', 'number of classes', wholeNumber(2), 1000)
    .option('--sample <n>', 'number of random architectures to print', wholeNumber(1, 100_000))
    .option('--seed <seed>', 'seed of the samples', '1')
    .addOption(jsonOption())
    .action((given: string, options: SpaceOptions) => {
      const space = resolveSpace(given, { input: options.input, classes: options.classes });
      if (options.sample === undefined) {
        const description = describeSpace(space);
        if (options.json) output.json(description);
        else output.print(spaceTable(description, output));
        return;
      }
      const rng = createRng(options.seed).fork('sample');
      const samples = Array.from({ length: options.sample }, () => {
        const genome = space.sample(rng);
        const architecture = space.decode(genome);
        const text = formatArchitecture(architecture);
        return { genome, text, ...costsOf(architecture) };
      });
      if (options.json) output.json(samples);
      else for (const sample of samples) output.print(sample.text);
    });
}

interface SpaceOptions {
  readonly input: [number, number, number];
  readonly classes: number;
  readonly sample?: number;
  readonly seed: string;
  readonly json?: boolean;
}
