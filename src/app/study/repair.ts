import { constants, copyFileSync, existsSync, lstatSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { draftOf, moveIntoSync, type Json } from '../../core/index.js';
import { faultOf, repairStudy, type Repaired } from '../../trials/index.js';
import type { Places } from '../environment.js';
import { requireOwnPaths } from './own-path.js';
import { meantStudy, requireNewStudy, studyFolder } from './studies.js';

/** `fault` null: nothing was wrong, and nothing was written. */
export type RepairEnd =
  | { readonly fault: null; readonly study: string }
  | ({
      readonly fault: string;
      readonly study: string;
      readonly into: string;
      readonly weights: number;
    } & Repaired);

/**
 * Saves what can be read of a damaged study as a new one next to it, weights included; the damaged one stays unchanged.
 * @param to name of the new study; NAME-repaired when left out
 * @throws NasError as `meantStudy`, `requireNewStudy` and `repairStudy`
 */
export function repairMeantStudy(places: Places, name: string, to: string | undefined): RepairEnd {
  const study = meantStudy(places, name);
  const folder = studyFolder(places, study);
  requireOwnPaths(folder);
  const fault = faultOf(folder);
  if (fault === undefined) return { fault: null, study };
  const into = to ?? freeName(places, study);
  requireNewStudy(places, into);
  const target = studyFolder(places, into);
  const repaired = repairStudy(folder, target, into, (spec) => renamed(spec, into));
  return { fault, study, into, weights: copyWeights(folder, target, repaired.checkpoints), ...repaired };
}

function freeName(places: Places, study: string): string {
  const base = `${study.slice(0, 50)}-repaired`;
  for (let n = 1; ; n++) {
    const name = n === 1 ? base : `${base}-${n}`;
    if (!existsSync(studyFolder(places, name))) return name;
  }
}

function renamed(spec: Json, study: string): Json {
  return spec !== null && typeof spec === 'object' && !Array.isArray(spec) ? { ...spec, study } : spec;
}

/** Names come from a damaged file, so none may lead out of the folder, nor may a link. Resolves to how many were there. */
function copyWeights(from: string, to: string, names: readonly string[]): number {
  let copied = 0;
  for (const name of new Set(names)) {
    const source = join(from, 'checkpoints', name);
    if (
      !/^[A-Za-z0-9_-][A-Za-z0-9._-]*$/.test(name) ||
      lstatSync(source, { throwIfNoEntry: false })?.isFile() !== true
    )
      continue;
    mkdirSync(join(to, 'checkpoints'), { recursive: true });
    const place = join(to, 'checkpoints', name);
    const draft = draftOf(place);
    copyFileSync(source, draft, constants.COPYFILE_FICLONE);
    moveIntoSync(draft, place);
    copied++;
  }
  return copied;
}
