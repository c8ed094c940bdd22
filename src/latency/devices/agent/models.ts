/** What is kept of a network in the runner. */
interface Entry {
  readonly bytes: number;
  readonly session: string;
  readonly generation: number;
  usedMs: number;
}

export interface ModelLimits {
  readonly most: number;
  /** Bytes of all files together; a network takes a few times its file in memory. */
  readonly bytes: number;
  readonly idleMs: number;
}

/** Which networks the runner holds, for whom, and which must make room. Holds no network itself. */
export interface Models {
  has(model: string): boolean;
  /** Marks it as used; false when it is not there. */
  touch(model: string, session: string): boolean;
  /** Networks to drop so that `bytes` more fit, or null when the others are all this session's own. */
  makeRoom(bytes: number, session: string): readonly string[] | null;
  add(model: string, bytes: number, session: string): void;
  remove(model: string): void;
  /** Networks not used for a while. */
  idle(): readonly string[];
}

/**
 * @param generation of the runner's process: what an earlier one held is gone
 * @param elapsedMs a watch, in ms
 */
export function createModels(limits: ModelLimits, generation: () => number, elapsedMs: () => number): Models {
  const entries = new Map<string, Entry>();
  const forget = () => {
    for (const [model, entry] of entries) if (entry.generation !== generation()) entries.delete(model);
  };
  return {
    has(model) {
      forget();
      return entries.has(model);
    },
    touch(model, session) {
      forget();
      const entry = entries.get(model);
      if (entry === undefined) return false;
      entries.set(model, { ...entry, session, usedMs: elapsedMs() });
      return true;
    },
    makeRoom(bytes, session) {
      forget();
      const others = [...entries]
        .filter(([, entry]) => entry.session !== session)
        .sort(([, a], [, b]) => a.usedMs - b.usedMs);
      let count = entries.size;
      let sum = bytes + [...entries.values()].reduce((total, entry) => total + entry.bytes, 0);
      const going: string[] = [];
      while (count >= limits.most || sum > limits.bytes) {
        const next = others.shift();
        if (next === undefined) return null;
        going.push(next[0]);
        count--;
        sum -= next[1].bytes;
      }
      return going;
    },
    add: (model, bytes, session) =>
      void entries.set(model, { bytes, session, generation: generation(), usedMs: elapsedMs() }),
    remove: (model) => void entries.delete(model),
    idle() {
      forget();
      return [...entries]
        .filter(([, entry]) => elapsedMs() - entry.usedMs > limits.idleMs)
        .map(([model]) => model);
    },
  };
}
