import type { Json } from '../../core/index.js';
import type { TrialReader, TrialStore } from '../store.js';

/**
 * How a strategy's probabilities developed, as notes of the study: one note per snapshot in a fixed number of places,
 * so that a search of any length writes little each time and a reader has an evenly spaced series. When all places are
 * taken, every second snapshot is given up and the interval doubles.
 */
export interface ControllerHistory {
  readonly choices: readonly ControllerChoice[];
  readonly snapshots: readonly ControllerSnapshot[];
}

export interface ControllerChoice {
  readonly choice: string;
  readonly options: readonly string[];
}

export interface ControllerSnapshot {
  /** Trials reported until then. */
  readonly reported: number;
  /** `[choice][option]`. */
  readonly probabilities: readonly (readonly number[])[];
}

export interface ControllerRecorder {
  /**
   * Keeps a snapshot where one is due.
   * @param reported trials reported until now
   * @param probabilities asked for only then
   */
  record(reported: number, probabilities: () => readonly (readonly number[])[]): void;
}

const PLACES = 256;
const CHOICES = 'controller';
const placeName = (place: number): string => `controller/${place}`;

/** Continues the history that a study has. */
export function recordController(
  store: TrialStore,
  choices: readonly ControllerChoice[],
): ControllerRecorder {
  const taken = Array.from(
    { length: PLACES },
    (_, place) => snapshotOf(store.noted(placeName(place)))?.reported,
  );
  let every = intervalOf(taken);
  let named = store.noted(CHOICES) !== undefined;
  return {
    record(reported, probabilities) {
      if (reported % every !== 0 || taken.includes(reported)) return;
      if (!named)
        store.note(
          CHOICES,
          choices.map(({ choice, options }) => ({ choice, options })),
        );
      named = true;
      const place = taken.findIndex((other) => other === undefined || other % every !== 0);
      taken[place] = reported;
      store.note(placeName(place), {
        reported,
        probabilities: probabilities().map((options) => options.map((p) => Math.round(p * 1e4) / 1e4)),
      });
      every = intervalOf(taken);
    },
  };
}

/** The kept snapshots, evenly spaced but for the last, by ascending number reported; undefined where there are none. */
export function readController(reader: TrialReader): ControllerHistory | undefined {
  const choices = choicesOf(reader.noted(CHOICES));
  if (choices === undefined) return undefined;
  const found = Array.from({ length: PLACES }, (_, place) => snapshotOf(reader.noted(placeName(place))))
    .flatMap((snapshot) => (snapshot !== undefined && fits(snapshot, choices) ? [snapshot] : []))
    .sort((a, b) => a.reported - b.reported);
  const every = intervalOf(found.map(({ reported }) => reported));
  const snapshots = found.filter(({ reported }, at) => reported % every === 0 || at === found.length - 1);
  return snapshots.length === 0 ? undefined : { choices, snapshots };
}

/** The least power of two that leaves a place free among those kept. */
function intervalOf(taken: readonly (number | undefined)[]): number {
  let every = 1;
  while (taken.filter((reported) => reported !== undefined && reported % every === 0).length >= PLACES)
    every *= 2;
  return every;
}

function fits({ probabilities }: ControllerSnapshot, choices: readonly ControllerChoice[]): boolean {
  return (
    probabilities.length === choices.length &&
    choices.every(({ options }, at) => probabilities[at]?.length === options.length)
  );
}

/** Undefined for what is no snapshot: a place not taken yet, or a note that was tampered with. */
function snapshotOf(note: Json | undefined): ControllerSnapshot | undefined {
  if (note === null || typeof note !== 'object' || !('probabilities' in note)) return undefined;
  // Earlier versions wrote `told`.
  const reported = 'reported' in note ? note.reported : 'told' in note ? note.told : undefined;
  const { probabilities } = note;
  if (!Number.isSafeInteger(reported) || !isList(probabilities)) return undefined;
  const good = probabilities.every((options) => isList(options) && options.every(Number.isFinite));
  return good ? ({ reported, probabilities } as unknown as ControllerSnapshot) : undefined;
}

function choicesOf(note: Json | undefined): readonly ControllerChoice[] | undefined {
  if (!isList(note)) return undefined;
  const good = note.every(
    (one) =>
      one !== null &&
      typeof one === 'object' &&
      'choice' in one &&
      typeof one.choice === 'string' &&
      'options' in one &&
      isList(one.options) &&
      one.options.every((option) => typeof option === 'string'),
  );
  return good ? (note as unknown as readonly ControllerChoice[]) : undefined;
}

function isList(value: unknown): value is readonly Json[] {
  return Array.isArray(value);
}
