import { Command, Option } from 'commander';
import { places } from '../../app/index.js';
import { dataStatus, getData, prepareData } from '../../data/index.js';
import { jsonRows, table } from '../../report/index.js';
import { interruption } from '../interrupt.js';
import { dataFolderOption, dataSetName, jsonOption, wholeNumber } from '../options.js';
import { EXIT, type Output } from '../output.js';
import { dataName, HELD_OUT } from '../study-options.js';

interface GetOptions {
  readonly from?: string;
  readonly mirror?: string;
  readonly package: boolean;
  readonly install: boolean;
  readonly dataFolder?: string;
}

/** `nas data`: brings data sets, says which are there, and checks them. */
export function dataCommand(output: Output): Command {
  const get = new Command('get')
    .description('bring a data set, from a folder, a Debian package or its publisher, and check it')
    .argument('<name>', 'fashion-mnist or cifar10')
    .option('--from <dir>', "a folder with the publisher's files")
    .option('--mirror <url>', "download from here in place of the publisher's site")
    .option('--no-package', "do not download Debian's package")
    .addOption(new Option('--no-install', 'earlier name of --no-package').hideHelp())
    .addOption(dataFolderOption())
    .action(async (name: string, options: GetOptions) => {
      const signal = interruption((text) => output.note(text));
      let last = '';
      const result = await getData(name, {
        folder: places({ data: options.dataFolder }).data,
        mayDownloadPackage: options.package && options.install,
        env: process.env,
        signal,
        ...(options.from === undefined ? {} : { from: options.from }),
        ...(options.mirror === undefined ? {} : { mirror: options.mirror }),
        onProgress: ({ text }) => {
          if (text !== last) output.note(text);
          last = text;
        },
      });
      output.print(`${result.name} is in ${result.folder} (${result.source})`);
    });
  const list = new Command('list')
    .description('which data sets are here')
    .addOption(dataFolderOption())
    .addOption(jsonOption())
    .action(async (options: { readonly dataFolder?: string; readonly json?: boolean }) => {
      const found = await dataStatus(places({ data: options.dataFolder }).data);
      if (options.json === true) return output.print(jsonRows(found.map((status) => ({ ...status }))));
      output.print(
        table(
          found,
          [
            { title: 'data', value: (row) => row.name },
            { title: 'state', value: (row) => row.state },
            { title: 'folder', value: (row) => row.folder },
            { title: '', value: (row) => row.problem, shrinksTo: 20 },
          ],
          output,
        ),
      );
    });
  return new Command('data')
    .description('data sets')
    .addCommand(get)
    .addCommand(list)
    .addCommand(checkCommand(output));
}

interface CheckOptions {
  readonly size?: number;
  readonly limit?: number;
  readonly seed: string;
  readonly dataFolder?: string;
  readonly json?: boolean;
}

/** `nas data check NAME`: reads every picture of every part, as a study does before its first training. */
function checkCommand(output: Output): Command {
  return new Command('check')
    .description('read every picture of a data set; list what is broken, passed over or too small')
    .argument('<data>', 'fashion-mnist, cifar10 or images:DIR', dataSetName)
    .option('--size <pixels>', 'side that pictures of images:DIR are brought to', wholeNumber(8, 1024))
    .option('--limit <n>', 'as a study with this --limit would use it', wholeNumber(4))
    .option('--seed <seed>', 'as a study with this --seed would divide it', '1')
    .addOption(dataFolderOption())
    .addOption(jsonOption())
    .action(async (given: string, { size, limit, seed, dataFolder, json }: CheckOptions) => {
      const folder = places({ data: dataFolder }).data;
      const name = dataName(given);
      const { counts, broken, warnings, data } = await prepareData(
        { name, folder, heldOut: HELD_OUT, seed, size: size ?? null, limit: limit ?? null },
        { skipBroken: true },
      );
      if (broken.length > 0) process.exitCode = EXIT.serializedError;
      const faults = broken.map(({ file, fault }) => ({ file: file.name, fault }));
      if (json === true)
        return output.json({ data: name, shape: data.shape, classes: counts, broken: faults, warnings });
      output.print(
        table(
          counts,
          [
            { title: 'class', value: (row) => row.name, shrinksTo: 12 },
            { title: 'training', value: (row) => row.training },
            { title: 'held out', value: (row) => row.heldOut },
            { title: 'test', value: (row) => row.test },
          ],
          output,
        ),
      );
      for (const warning of warnings) output.note(`data: ${warning}`);
      for (const { file, fault } of faults) output.print(`broken: ${file} ${fault}`);
      const sum = (part: 'training' | 'heldOut' | 'test') => counts.reduce((all, row) => all + row[part], 0);
      output.print(
        `${counts.length} classes: ${sum('training')} training, ${sum('heldOut')} held-out and ${sum('test')} test pictures` +
          (broken.length === 0 ? '' : `; ${broken.length} broken (--skip-broken continues without them)`),
      );
    });
}
