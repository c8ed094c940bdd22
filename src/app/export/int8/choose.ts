import type { Coverage } from './ranges.js';

/** What quantised networks answer on the pictures that choices are made by. */
export interface Answers {
  /** Right answers; of pictures without classes, those that agree with the float network's. */
  readonly correct: number;
  /** Mean square of the outputs' difference to the float network's, relative to the outputs' own mean square. */
  readonly error: number;
}

export interface Setting {
  readonly coverage: Coverage;
  /** Parts that stay in float. */
  readonly float: readonly string[];
}

export interface Tried extends Setting, Answers {}

export interface Sensitivity {
  readonly part: string;
  /** {@link Answers.error} with this part alone in whole numbers. */
  readonly error: number;
}

export interface Choice {
  readonly setting: Setting;
  /** All settings that were measured, in order. */
  readonly tried: readonly Tried[];
  /** Parts by what rounding them alone does, the most sensitive first. */
  readonly sensitivity: readonly Sensitivity[];
}

export interface ChooseOptions {
  /** Parts with kernels, and all parts. */
  readonly parts: { readonly kernels: readonly string[]; readonly all: readonly string[] };
  /** Right answers of the float network. */
  readonly float: number;
  readonly count: number;
  /** Answers with these parts in float and the others in whole numbers. */
  measure(setting: Setting): Promise<Answers>;
}

/** Everything; min–max, and what is left of it without the outermost numbers. */
export const COVERAGES: readonly Coverage[] = [1, 0.9999, 0.999];
/** A loss that is taken: this share of the pictures. */
const LOSS = 0.005;
/** Numbers of parts that are tried in float, the most sensitive ones. */
const KEPT: readonly number[] = [1, 2, 4, 8];

/**
 * Chooses by measured answers: the ranges that leave most of them right with everything in whole numbers; then, while more than
 * half a per cent of the pictures is lost, as few of the most sensitive parts in float as recover it. Where nothing does, the best
 * that was measured.
 */
export async function chooseSetting({ parts, float, count, measure }: ChooseOptions): Promise<Choice> {
  const tried: Tried[] = [];
  const attempt = async (setting: Setting): Promise<Tried> => {
    const found = { ...setting, ...(await measure(setting)) };
    tried.push(found);
    return found;
  };
  for (const coverage of COVERAGES) await attempt({ coverage, float: [] });
  const best = bestOf(tried);
  const enough = ({ correct }: Answers) => correct >= float - LOSS * count;
  if (enough(best)) return { setting: settingOf(best), tried, sensitivity: [] };
  const { coverage } = best;
  const sensitivity: Sensitivity[] = [];
  for (const part of parts.kernels) {
    const others = parts.all.filter((other) => other !== part);
    const { error } = await measure({ coverage, float: others });
    sensitivity.push({ part, error });
  }
  sensitivity.sort((a, b) => b.error - a.error);
  for (const kept of KEPT.filter((number) => number < parts.kernels.length)) {
    const found = await attempt({ coverage, float: sensitivity.slice(0, kept).map(({ part }) => part) });
    if (enough(found)) return { setting: settingOf(found), tried, sensitivity };
  }
  return { setting: settingOf(bestOf(tried)), tried, sensitivity };
}

function settingOf({ coverage, float }: Tried): Setting {
  return { coverage, float };
}

/** Most right answers, then the least error; the first of equals. */
function bestOf(tried: readonly Tried[]): Tried {
  return tried.reduce((best, one) =>
    one.correct > best.correct || (one.correct === best.correct && one.error < best.error) ? one : best,
  );
}
