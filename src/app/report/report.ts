import { mkdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { NasError, writeWhole } from '../../core/index.js';
import {
  interestingTrials,
  readPageBundle,
  reportHtml,
  type ReportData,
  type TrialView,
} from '../../report/index.js';
import type { TrialReader } from '../../trials/index.js';
import type { Places } from '../environment.js';
import { ownPath } from '../study/own-path.js';
import { studyFolder } from '../study/studies.js';
import { viewOfStudy, viewsOfTrials } from './view.js';

/**
 * What a report of a study holds: the study and the pages of its interesting trials.
 * @throws NasError `NAS_BAD_CONFIG`
 */
export function reportData(reader: TrialReader): ReportData {
  const study = viewOfStudy(reader);
  const trials: Record<string, TrialView> = {};
  for (const view of viewsOfTrials(reader, interestingTrials(study))) trials[view.row.trial] = view;
  return { study, trials };
}

/**
 * Writes a study's report, one HTML file; an earlier one is replaced only by a whole new one.
 * @param out by default exports/report.html in the study's folder
 * @returns where it was written, and its size in bytes
 * @throws NasError `NAS_NOT_WRITABLE`, `NAS_NOT_BUILT`, `NAS_BAD_CONFIG`
 */
export function writeReport(
  places: Places,
  reader: TrialReader,
  out: string | null,
): { readonly file: string; readonly bytes: number } {
  const file = resolve(out ?? ownPath(studyFolder(places, reader.study.name), 'exports', 'report.html'));
  const html = reportHtml(reportData(reader), readPageBundle());
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeWhole(file, html);
    return { file, bytes: statSync(file).size };
  } catch (cause) {
    throw new NasError({
      code: 'NAS_NOT_WRITABLE',
      found: `cannot write ${file}`,
      fix: 'choose another file with --out',
      cause,
    });
  }
}
