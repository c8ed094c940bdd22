import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { Command, Option } from 'commander';
import {
  askTable,
  buildLatencyTable,
  DEFAULTS,
  exportLatencyTable,
  importLatencyTable,
  listTables,
  meantTable,
  MOST_CALIBRATION,
  openTable,
  places,
  validateLatencyTable,
  type ImportedTable,
  type LatencyEnd,
  type LatencyProgress,
} from '../../app/index.js';
import { formatDuration, NasError, stopwatch } from '../../core/index.js';
import {
  predictionErrorTable,
  latencyTableDetails,
  latencyTableList,
  lookUpTable,
  neutral,
  predictionPicture,
  progressBar,
} from '../../report/index.js';
import { interruption } from '../interrupt.js';
import { SPACES, jsonOption, path, pictureSize, platformName, wholeNumber } from '../options.js';
import { EXIT, type Output } from '../output.js';

const REDRAW_MS = 200;
const SIGN_OF_LIFE_MS = 20_000;
/** Fewer networks than this say little about how well two orders agree. */
const LEAST_VALIDATION = 10;

/** `nas latency`: look-up tables of a platform's latencies. */
export function latencyCommand(output: Output): Command {
  return new Command('latency')
    .description('look-up tables: latency of a platform without timing each network')
    .addCommand(buildCommand(output))
    .addCommand(showCommand(output))
    .addCommand(validateCommand(output))
    .addCommand(exportCommand(output))
    .addCommand(importCommand(output));
}

interface BuildOptions {
  readonly platform: string;
  readonly space: string;
  readonly input: [number, number, number];
  readonly classes: number;
  readonly latencyBatch: number;
  readonly threads?: number;
  readonly backend?: string;
  readonly out?: string;
  readonly widths: boolean;
  readonly networks: number;
  readonly seed: string;
  readonly json?: boolean;
}

function buildCommand(output: Output): Command {
  return new Command('build')
    .description("time every distinct segment of a space's networks; run again to resume")
    .option('--platform <name>', 'what is timed: tensorflow, onnxruntime, …', platformName, DEFAULTS.platform)
    .option('--space <name>', SPACES, path, DEFAULTS.space)
    .addOption(
      new Option('--input <size>', 'picture size: 224, 28x28x1')
        .argParser(pictureSize)
        .default([28, 28, 1], '28x28x1'),
    )
    .option('--classes <n>', 'number of classes', wholeNumber(2, 65_535), 10)
    .option('--latency-batch <n>', 'pictures per timed run', wholeNumber(1, 4096), DEFAULTS.latencyBatch)
    .option('--threads <n>', "threads (default: a study's)", wholeNumber(1, 512))
    .addOption(backendOption())
    .option('--out <file>', 'the table (default: in the folder latency, by device and space)')
    .option('--no-widths', 'leave out the narrower segments that only NetAdapt makes')
    .option(
      '--networks <n>',
      'whole networks that the sum is corrected by; 0: not corrected',
      wholeNumber(0, MOST_CALIBRATION),
      MOST_CALIBRATION,
    )
    .option('--seed <seed>', 'seed of networks and order', '1')
    .addOption(jsonOption())
    .action(async (options: BuildOptions) => {
      const where = places();
      const signal = interruption((text) => output.note(text));
      const view = progressLine(output);
      const { platform, space, input, classes, latencyBatch, threads, out, widths, networks, seed } = options;
      try {
        const end = await buildLatencyTable(
          {
            ...{ platform, space, threads, widths, networks, seed },
            task: { input, classes },
            batch: latencyBatch,
            flavour: flavourOf(options.backend),
            out: out === undefined ? undefined : resolve(out),
          },
          where,
          { signal, listen: view.listen },
        );
        if (end.finished) {
          const { summary } = openTable(end.file);
          if (options.json === true) output.json(summary);
          else {
            output.print(latencyTableDetails(summary, output));
            output.print(builtText(end));
          }
        } else {
          output.note(
            existsSync(end.file) ? `stopped; run the same command again to resume ${end.file}` : 'stopped',
          );
          process.exitCode = EXIT.interrupted;
        }
      } finally {
        view.end();
      }
    });
}

function builtText({ file, timed, taken }: LatencyEnd): string {
  const others = taken === 0 ? '' : `, ${taken} taken from other tables of the device`;
  return `timed ${timed} entries${others}; kept in ${file}\nuse it: --platform table:${file}`;
}

interface ShowOptions {
  readonly arch?: string;
  readonly json?: boolean;
}

function showCommand(output: Output): Command {
  return new Command('show')
    .description('the tables that are there; of one, what it holds and how far it can be trusted')
    .argument('[table]', 'its file', path)
    .option('--arch <name>', 'what each segment of this network takes: a preset, a text form or a file')
    .addOption(jsonOption())
    .action((given: string | undefined, { arch, json }: ShowOptions) => {
      const where = places();
      if (arch !== undefined) {
        const answer = askTable(meantTable(where, given), arch);
        if (answer.warning !== null) output.note(`warning: ${answer.warning}`);
        if (json === true) output.json(answer);
        else output.print(lookUpTable(answer, output));
      } else if (given === undefined) {
        const rows = listTables(where);
        if (json === true) output.json(rows);
        else output.print(latencyTableList(rows, output));
      } else {
        const { summary } = openTable(meantTable(where, given));
        if (json === true) output.json(summary);
        else output.print(latencyTableDetails(summary, output));
      }
    });
}

interface ValidateOptions {
  readonly networks: number;
  readonly platform?: string;
  readonly space?: string;
  readonly backend?: string;
  readonly seed: string;
  readonly json?: boolean;
}

function validateCommand(output: Output): Command {
  return new Command('validate')
    .description('measure random networks and hold the table against them')
    .argument('[table]', 'its file; the only one when left out', path)
    .option('--networks <n>', 'networks to measure', wholeNumber(LEAST_VALIDATION, 1000), 40)
    .option(
      '--platform <name>',
      "the table's platform, named again to trust a program or an agent in a table of others",
      platformName,
    )
    .option('--space <file>', 'the space, where it is no built-in one')
    .addOption(backendOption())
    .option('--seed <seed>', 'seed of the networks', '1')
    .addOption(jsonOption())
    .action(async (given: string | undefined, options: ValidateOptions) => {
      const { networks, platform, space, backend, seed, json } = options;
      const where = places();
      const file = resolve(meantTable(where, given));
      const signal = interruption((text) => output.note(text));
      const view = progressLine(output);
      try {
        const end = await validateLatencyTable(
          { file, networks, platform, space, seed, flavour: flavourOf(backend) },
          where,
          { signal, listen: view.listen },
          (text) => output.note(text),
        );
        if (!end.finished) {
          output.note('stopped; run the same command again to resume');
          process.exitCode = EXIT.interrupted;
          return;
        }
        const { summary, pairs } = openTable(file);
        if (json === true) {
          output.json({ ...summary.validation, networks: pairs });
          return;
        }
        output.print(predictionPicture(pairs, { ...output, width: Math.min(output.width, 90), height: 26 }));
        output.print(`\n${predictionErrorTable(summary, output)}`);
      } finally {
        view.end();
      }
    });
}

function exportCommand(output: Output): Command {
  return new Command('export')
    .description('a table as JSON for another program or machine (docs/formats.md)')
    .argument('[table]', 'its file; the only one when left out', path)
    .option('--out <file>', 'file to write (default: standard output)')
    .action((given: string | undefined, { out }: { readonly out?: string }) => {
      const file = meantTable(places(), given);
      if (out !== undefined && existsSync(out)) {
        throw new NasError({
          code: 'NAS_TABLE_EXISTS',
          found: `${out} is there already`,
          fix: 'name another file with --out',
        });
      }
      const text = exportLatencyTable(file, out);
      output.print(text ?? `written to ${out}`);
    });
}

function importCommand(output: Output): Command {
  return new Command('import')
    .description('take in a table: of this project, of Once-for-All or of ProxylessNAS (YAML or JSON)')
    .argument('<file>', '', path)
    .option('--out <file>', 'where to (default: in the folder latency)')
    .option('--force', 'replace a table that is there')
    .addOption(jsonOption())
    .action(
      (
        given: string,
        options: { readonly out?: string; readonly force?: boolean; readonly json?: boolean },
      ) => {
        const { file, table, found, passedOver } = importLatencyTable(given, places(), {
          out: options.out,
          force: options.force === true,
        });
        if (options.json === true)
          return output.json({ ...openTable(file, table).summary, found, passedOver });
        // Looks at its networks; a foreign table, which may have many thousand lines, has none.
        if (table.networks.length > 0) openTable(file, table);
        output.print(
          `read ${found - passedOver.length} of ${found} entries of ${table.source}, kept in ${file}`,
        );
        if (passedOver.length > 0) output.note(passedOverText(passedOver));
        output.print(`use it: --platform table:${file}`);
      },
    );
}

const MOST_SHOWN = 10;

/** The first entries that were not read, each with its reason, and how many more there are. */
function passedOverText(passedOver: ImportedTable['passedOver']): string {
  const lines = passedOver
    .slice(0, MOST_SHOWN)
    .map(({ key, why }) => `  ${neutral(key.slice(0, 160))}: ${neutral(why)}`);
  const more = passedOver.length - lines.length;
  return [
    `not read: ${passedOver.length}`,
    ...lines,
    ...(more > 0 ? [`  and ${more} more; --json lists all`] : []),
  ].join('\n');
}

function backendOption(): Option {
  return new Option('--backend <name>', 'which TensorFlow, for the platform tensorflow').choices([
    'tensorflow',
    'tensorflow-gpu',
  ]);
}

function flavourOf(backend: string | undefined): 'cpu' | 'gpu' {
  return backend === 'tensorflow-gpu' ? 'gpu' : 'cpu';
}

const PHASES = {
  device: 'what the device itself costs',
  entries: 'segments',
  networks: 'whole networks',
} as const satisfies Record<LatencyProgress['phase'], string>;

/** One live line with the time left; without a terminal, a line now and then. */
function progressLine(output: Output) {
  const clock = stopwatch();
  let drawnAt = -Infinity;
  let drawn: LatencyProgress['phase'] | undefined;
  return {
    listen({ phase, done, total, secondsLeft }: LatencyProgress): void {
      if (phase === drawn && clock() - drawnAt < (output.live ? REDRAW_MS : SIGN_OF_LIFE_MS)) return;
      drawnAt = clock();
      drawn = phase;
      const left = secondsLeft === null ? '' : `, ${formatDuration(secondsLeft)} left`;
      const text = `timing ${PHASES[phase]}: ${done} of ${total}${left}`;
      if (!output.live) return output.note(text);
      output.status(progressBar(total === 0 ? 1 : done / total, text, output));
    },
    end(): void {
      output.status(null);
    },
  };
}
