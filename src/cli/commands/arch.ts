import { Command } from 'commander';
import { describeArchitecture } from '../../space/index.js';
import { resolveArchitecture } from '../../app/index.js';
import { architecturePicture, layerTable } from '../../report/index.js';
import { jsonOption, path, pictureSize, wholeNumber } from '../options.js';
import type { Output } from '../output.js';

/** `nas arch NAME|TEXT|FILE`: an architecture layer by layer, with parameters and multiply-adds. */
export function archCommand(output: Output): Command {
  return new Command('arch')
    .description('print an architecture layer by layer: a preset, a text form or an exported JSON file')
    .argument('<architecture>', 'preset (mobilenet_v3_large@0.75), text form (nas1:…) or file', path)
    .option('--input <size>', 'picture size for a preset: 224, 28x28x1', pictureSize, [224, 224, 3])
    .option('--classes <n>', 'classes for a preset', wholeNumber(2), 1000)
    .option('--blocks', 'a line per block in place of a line per layer')
    .addOption(jsonOption())
    .action((given: string, options: ArchOptions) => {
      const { architecture, name } = resolveArchitecture(given, {
        input: options.input,
        classes: options.classes,
      });
      const description = describeArchitecture(architecture, name);
      if (options.json) output.json(description);
      else if (options.blocks) output.print(architecturePicture(architecture, output));
      else output.print(layerTable(description, output));
    });
}

interface ArchOptions {
  readonly input: [number, number, number];
  readonly classes: number;
  readonly blocks?: boolean;
  readonly json?: boolean;
}
