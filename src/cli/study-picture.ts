import { frontierPicture, pointsOf } from '../report/index.js';
import type { TrialReader } from '../trials/index.js';
import type { Output } from './output.js';

/** The frontier of a study's finished trials as every command draws it. `best`: the trial to mark, if not by the target. */
export function studyPicture(reader: TrialReader, targetMs: number, output: Output, best?: number): string {
  return frontierPicture(pointsOf(reader.trials({ states: ['done'] })), {
    targetMs,
    width: Math.min(output.width, 100),
    height: 18,
    colour: output.colour,
    ...(best === undefined ? {} : { best }),
  });
}
