// Untrained trials, for benches of the store.

/** The same for the same trial, spread evenly in [0, 1). */
const share = (id, step) => ((id * step) % 1_000_003) / 1_000_003;

/** How trial `id` ended: done, with an accuracy, a latency of 1 to 4 ms and a hundred samples. */
export function outcomeOf(id) {
  return {
    state: 'done',
    accuracy: share(id, 7919) ** 2,
    latency: {
      source: 'measured',
      platform: 'tensorflow',
      medianMs: 1 + 2 * share(id, 104_729) + share(id, 7919),
      madMs: 0.01,
      p90Ms: 2,
      lowMs: 1,
      highMs: 2,
      runs: 100,
      batch: 1,
      fingerprint: 'f'.repeat(64),
      samplesMs: Array.from({ length: 100 }, (_, k) => 1 + k / 100),
    },
    curve: [],
    seconds: 30,
    checkpoint: null,
  };
}
