import { Command, Option } from 'commander';
import { defaultWorkers, doctor, places } from '../../app/index.js';
import { jsonRows, neutral } from '../../report/index.js';
import { dataFolderOption, jsonOption, runsOption } from '../options.js';
import { EXIT, type Output } from '../output.js';

const SIGNS = { ok: '✓', warn: '!', fail: '✗' } as const;

interface DoctorCommandOptions {
  readonly backend?: 'tensorflow' | 'tensorflow-gpu';
  readonly runs?: string;
  readonly dataFolder?: string;
  readonly json?: boolean;
}

/** `nas doctor`: what works on this machine, with one training step and one timing. */
export function doctorCommand(output: Output): Command {
  return new Command('doctor')
    .description(
      'what works here: tools, TensorFlow, memory, data, latency; trains a step and times a network',
    )
    .addOption(
      new Option('--backend <name>', 'which must work (default: tries those that are set up)').choices([
        'tensorflow',
        'tensorflow-gpu',
      ]),
    )
    .addOption(runsOption())
    .addOption(dataFolderOption())
    .addOption(jsonOption())
    .action(async (options: DoctorCommandOptions) => {
      const { backend } = options;
      const checks = await doctor({
        flavour: backend === undefined ? undefined : backend === 'tensorflow-gpu' ? 'gpu' : 'cpu',
        places: places({ runs: options.runs, data: options.dataFolder }),
        env: process.env,
        threads: defaultWorkers(),
        onCheck: ({ name, state, found, fix }) => {
          if (options.json === true) return;
          output.print(
            `${SIGNS[state]} ${name.padEnd(22)} ${neutral(found)}${fix === undefined ? '' : `\n    fix: ${fix}`}`,
          );
        },
      });
      if (options.json === true) output.print(jsonRows(checks.map((check) => ({ fix: null, ...check }))));
      if (checks.some((check) => check.state === 'fail')) process.exitCode = EXIT.serializedError;
    });
}
