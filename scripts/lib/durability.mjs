import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What `npm run test:durability` last did, per test file. */
export const FIGURES_FILE = join(
  dirname(fileURLToPath(import.meta.url)),
  '../../bench/durability/figures.json',
);

/** What was done to platform-nas, and what would have been wrong after it. */
const ATTACKS = {
  kills: ['`kill -9` of the controller, its host, or both', 'trials lost, doubled, changed or trained again'],
  readers: ['`sqlite3` or Python reads a running study, then `kill -9`', 'trials lost or databases damaged'],
  creators: ['two processes create one study concurrently', 'two writers, or none'],
  databases: [
    'a study’s database or log damaged',
    'an end without a clear error, or the damaged file changed',
  ],
  inputs: ['hostile model files and requests', 'a process ended, or an answer that was not due'],
  sockets: ['sockets that never read or never write', 'others locked out'],
};

export function readFigures() {
  if (!existsSync(FIGURES_FILE)) return { files: {} };
  return JSON.parse(readFileSync(FIGURES_FILE, 'utf8'));
}

/** Sums over all files: attack → times, trials compared, broken; null for one that has not run. */
function sums({ files }) {
  return Object.keys(ATTACKS).map((attack) => {
    const found = Object.values(files).flatMap((file) => file[attack] ?? []);
    const sum = (key) => found.reduce((total, one) => total + (one[key] ?? 0), 0);
    return { attack, times: sum('times'), trials: sum('trials'), broken: sum('broken') };
  });
}

export function summaryLines(figures) {
  return sums(figures).map(({ attack, times, trials, broken }) => {
    const compared = trials > 0 ? `, ${count(trials)} finished trials compared` : '';
    return `${attack}: ${count(times)}${compared}; lost or corrupt: ${count(broken)}`;
  });
}

/** The table and the machine of docs/trust.md, in Markdown. */
export function durabilityPart(figures) {
  const rows = sums(figures).map(({ attack, times, trials, broken }) => [
    ATTACKS[attack][0],
    count(times),
    trials > 0 ? count(trials) : '',
    ATTACKS[attack][1],
    count(broken),
  ]);
  const { command, machine: on, files, commits } = figures;
  const ofCommits = [...new Set(Object.values(commits))].sort();
  const seeds = Object.values(files).flatMap((file) =>
    Object.values(file).flatMap(({ seeds: named = [] }) => named),
  );
  const heading = ['attack', 'times', 'finished trials compared', 'what would be wrong', 'how often it was'];
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [
    [heading, heading.map(() => '---'), ...rows].map(line).join('\n'),
    `By \`${command}\` on ${on.cpu}, ${on.cores} cores, ${on.memoryGiB} GiB, ${on.os}, Node ${on.node}, ${ofCommits.length === 1 ? 'commit' : 'commits'} ${ofCommits.join(', ')}; seeds ${[
      ...new Set(seeds),
    ]
      .map((seed) => `\`${seed}\``)
      .join(', ')}. Per test file: \`bench/durability/figures.json\`.`,
  ].join('\n\n');
}

function count(number) {
  return number.toLocaleString('en');
}
