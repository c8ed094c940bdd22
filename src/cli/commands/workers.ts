import { Command } from 'commander';
import { liveWorkers, type LiveWorker } from '../../app/index.js';
import { formatBytes } from '../../core/index.js';
import { interruption } from '../interrupt.js';
import { jsonOption } from '../options.js';
import type { Output } from '../output.js';
import { queueOption } from '../queue-options.js';

/** `nas workers`: what works at a queue at this moment. */
export function workersCommand(output: Output): Command {
  return new Command('workers')
    .description('list the workers of a queue: device, versions, free memory, trials they work on')
    .addOption(queueOption('redis://HOST:PORT').makeOptionMandatory())
    .addOption(jsonOption())
    .action(async ({ queue, json }: { readonly queue: string; readonly json?: boolean }) => {
      const signal = interruption((text) => output.note(text));
      const workers = await liveWorkers(queue, signal, (line) => output.note(line));
      if (json === true) return output.json(workers);
      if (workers.length === 0) return output.print('no worker lives at this queue');
      for (const worker of workers) output.print(lineOf(worker));
    });
}

function lineOf(worker: LiveWorker): string {
  const { name, study, slots, fingerprint, version, freeBytes, busy, problem } = worker;
  return [
    name,
    ...(fingerprint === null
      ? []
      : [`${fingerprint.backend} on ${fingerprint.deviceName}`, versionsOf(fingerprint.versions)]),
    `platform-nas ${version}`,
    `${formatBytes(freeBytes)} free`,
    problem ?? (study === null ? 'waits for a study' : `study ${study}: ${workOf(slots, busy)}`),
  ]
    .filter((part) => part !== '')
    .join(', ');
}

function versionsOf(versions: Readonly<Record<string, string>>): string {
  return Object.entries(versions)
    .map(([name, version]) => `${name} ${version}`)
    .join(', ');
}

function workOf(slots: number, busy: readonly number[]): string {
  if (slots === 0) return 'is starting';
  const trials = busy.filter((trial) => trial > 0);
  return trials.length === 0 ? `none of ${slots} busy` : `trial ${trials.join(', ')}`;
}
