/**
 * The timing lock: training steps share it, a measurement holds it exclusively. Several threads see one SharedArrayBuffer
 * of 32-bit words: word 0 is the place that wants or holds it exclusively (0: none, else place + 1), word 1 + i is
 * 1 while place i is inside a step. Each place is used by one thread at a time.
 *
 * A step first marks itself inside and then reads word 0; a measurement first writes word 0 and then waits for
 * every place to be outside. Atomics are sequentially consistent, so one of the two always sees the other.
 * Steps that come while a measurement waits stand back, so it waits for the running steps only.
 */
export interface TimingLockPlace {
  /** Begins a step; waits while a measurement wants or holds the lock. A step may hold another. */
  enter(): void;
  /** Ends a step. */
  leave(): void;
  /**
   * Runs work while no other place is inside a step and none measures. Not to be called inside a step.
   * @param stop asked every {@link PATIENCE_MS} while waiting
   * @returns the work's result, or null when it was stopped before its turn
   */
  exclusive<T>(work: () => Promise<T>, stop: () => boolean): Promise<T | null>;
}

const OWNER = 0;
const FIRST = 1;
/** How often a wait looks up, in ms: bounds what a lost wake-up costs. */
const PATIENCE_MS = 100;

/** The memory of a lock with this number of places. */
export function createTimingLock(places: number): SharedArrayBuffer {
  return new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT * (FIRST + places));
}

/** The operations that the lock is made of; given by tests that choose what happens between two of them. */
export interface LockAtomics {
  load(words: Int32Array, index: number): number;
  store(words: Int32Array, index: number, value: number): number;
  compareExchange(words: Int32Array, index: number, expected: number, value: number): number;
  wait(words: Int32Array, index: number, value: number, milliseconds: number): unknown;
  notify(words: Int32Array, index: number): number;
}

/**
 * The lock as seen from one place, 0 ≤ place < places. Blocks its thread while it waits.
 * @param waiting called every {@link PATIENCE_MS} while a step waits for its turn
 */
export function timingLockPlace(
  memory: SharedArrayBuffer,
  place: number,
  atomics: LockAtomics = Atomics,
  waiting: () => void = () => undefined,
): TimingLockPlace {
  const words = new Int32Array(memory);
  checkPlace(words, place);
  const mine = FIRST + place;
  let depth = 0;

  return {
    enter() {
      if (depth++ > 0) return;
      for (;;) {
        let owner: number;
        while ((owner = atomics.load(words, OWNER)) !== 0) {
          atomics.wait(words, OWNER, owner, PATIENCE_MS);
          waiting();
        }
        atomics.store(words, mine, 1);
        if (atomics.load(words, OWNER) === 0) return;
        vacate(atomics, words, mine);
      }
    },
    leave() {
      if (--depth === 0) vacate(atomics, words, mine);
    },
    async exclusive(work, stop) {
      if (depth > 0) throw new Error('a measurement inside a step would wait for itself');
      let owner: number;
      while ((owner = atomics.compareExchange(words, OWNER, 0, place + 1)) !== 0) {
        if (stop()) return null;
        atomics.wait(words, OWNER, owner, PATIENCE_MS);
      }
      try {
        for (let other = FIRST; other < words.length; other++) {
          while (atomics.load(words, other) !== 0) {
            if (stop()) return null;
            atomics.wait(words, other, 1, PATIENCE_MS);
          }
        }
        return await work();
      } finally {
        disown(atomics, words, place);
      }
    },
  };
}

/**
 * Takes back what a lost thread held at its place; harmless when it held nothing.
 * @param clear called while the lock is still the lost thread's, where it held it exclusively
 */
export function resetPlace(
  memory: SharedArrayBuffer,
  place: number,
  clear: () => void = () => undefined,
): void {
  const words = new Int32Array(memory);
  checkPlace(words, place);
  vacate(Atomics, words, FIRST + place);
  if (Atomics.load(words, OWNER) === place + 1) clear();
  disown(Atomics, words, place);
}

function vacate(atomics: LockAtomics, words: Int32Array, word: number): void {
  atomics.store(words, word, 0);
  atomics.notify(words, word);
}

function disown(atomics: LockAtomics, words: Int32Array, place: number): void {
  atomics.compareExchange(words, OWNER, place + 1, 0);
  atomics.notify(words, OWNER);
}

function checkPlace(words: Int32Array, place: number): void {
  if (!Number.isInteger(place) || place < 0 || FIRST + place >= words.length)
    throw new RangeError(`no place ${place} in a lock of ${words.length - FIRST}`);
}
