import { createPause, type Pause } from '../../core/index.js';
import { createBest, type Best } from './frontier.js';
import type { TrialRow } from './row.js';
import type { Filter, TrialReader } from '../store.js';

/** The rows of a study, however long, by ascending id; what else waits has its turn between two pages. */
export async function eachRow(
  reader: Pick<TrialReader, 'pages'>,
  filter: Filter,
  visit: (row: TrialRow) => void,
  pause: Pause = createPause(),
): Promise<void> {
  for (const page of reader.pages(filter)) {
    for (const row of page) visit(row);
    await pause();
  }
}

/** The rows of a study as a list, in the same order and with the same pauses as {@link eachRow}. */
export async function collectRows(
  reader: Pick<TrialReader, 'pages'>,
  filter: Filter,
  pause?: Pause,
): Promise<readonly TrialRow[]> {
  const rows: TrialRow[] = [];
  await eachRow(reader, filter, (row) => rows.push(row), pause);
  return rows;
}

/** The best trial of a study so far, to be kept up by `add`. */
export async function bestSoFar(
  reader: Pick<TrialReader, 'pages'>,
  targetMs: number,
  filter: Filter = {},
  pause: Pause = createPause(),
): Promise<Best<TrialRow>> {
  const best = createBest<TrialRow>(targetMs);
  await eachRow(reader, { states: ['done'], ...filter }, best.add, pause);
  return best;
}
