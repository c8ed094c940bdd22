import { Command } from 'commander';
import { places } from '../../app/index.js';
import { dataStatus, getData } from '../../data/index.js';
import { jsonRows, table } from '../../report/index.js';
import { interruption } from '../interrupt.js';
import { dataFolderOption, jsonOption } from '../options.js';
import type { Output } from '../output.js';

interface GetOptions {
  readonly from?: string;
  readonly mirror?: string;
  readonly install: boolean;
  readonly dataFolder?: string;
}

/** `nas data`: brings data sets, and says which are there. */
export function dataCommand(output: Output): Command {
  const get = new Command('get')
    .description('bring a data set, from a folder, a Debian package or its publisher, and check it')
    .argument('<name>', 'fashion-mnist or cifar10')
    .option('--from <dir>', "a folder with the publisher's files")
    .option('--mirror <url>', "download from here in place of the publisher's site")
    .option('--no-install', "do not install Debian's package")
    .addOption(dataFolderOption())
    .action(async (name: string, options: GetOptions) => {
      const signal = interruption((text) => output.note(text));
      let last = '';
      const result = await getData(name, {
        folder: places({ data: options.dataFolder }).data,
        mayInstall: options.install,
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
  return new Command('data').description('data sets').addCommand(get).addCommand(list);
}
