import { hostname } from 'node:os';
import { Command } from 'commander';
import { givenToken, places } from '../../app/index.js';
import { DASHBOARD_PORT, startDashboard } from '../../dashboard/index.js';
import { interruption } from '../interrupt.js';
import { runsOption, wholeNumber } from '../options.js';
import type { Output } from '../output.js';

interface DashboardCommandOptions {
  readonly host: string;
  readonly port: number;
  readonly tokenFile?: string;
  readonly runs?: string;
}

/** `nas dashboard`: shows all studies in the browser, live, until it is stopped. */
export function dashboardCommand(output: Output): Command {
  return new Command('dashboard')
    .description('show all studies in the browser, also while they run')
    .option(
      '--port <number>',
      'port to listen on; 0 takes a free one',
      wholeNumber(0, 65_535),
      DASHBOARD_PORT,
    )
    .option(
      '--host <address>',
      'address to listen on; another than this machine’s own needs a token',
      '127.0.0.1',
    )
    .option(
      '--token-file <file>',
      'file that holds the token, without which nothing is shown; made if it is not there (default: NAS_DASHBOARD_TOKEN, or none)',
    )
    .addOption(runsOption())
    .action(async (options: DashboardCommandOptions) => {
      const { host, port, tokenFile } = options;
      const given = givenToken({
        file: tokenFile,
        variable: 'NAS_DASHBOARD_TOKEN',
        environment: process.env,
        code: 'NAS_DASHBOARD_TOKEN_FILE',
        onLine: (line) => output.note(line),
      });
      const { runs } = places({ runs: options.runs });
      await using dashboard = await startDashboard({
        ...{ runs, host, port, token: given?.token ?? null },
        names: [hostname()],
        onLine: (line) => output.note(line),
      });
      output.print(`studies of ${runs}`);
      output.print(
        `open ${dashboard.url}${given === null ? '' : `/#token=TOKEN, where TOKEN stands in ${given.from}`}`,
      );
      output.note('Ctrl-C ends it; running studies continue');
      await stopped(interruption(() => output.note('\nstopping')));
    });
}

function stopped(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
