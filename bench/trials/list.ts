/**
 * How long does it take to list many trials? Fills a store in a temporary folder, opens it for reading in the same
 * process and writes one JSON document to standard output; times in ms of processor
 * time, so that a busy machine does not distort them, median of 7.
 *
 *   node bench/trials/list.js [trials]
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { median, ms, ratio, stopwatch } from '../../src/core/index.js';
import { createStudy, frontier, readStudy } from '../../src/trials/index.js';

const count = Number(process.argv[2] ?? 100_000);
const folder = mkdtempSync(join(tmpdir(), 'nas-bench-'));
const block = 'ir_k3_s1_x96_c24_re_se24hsig_id ';
try {
  const fill = stopwatch();
  {
    using store = createStudy(folder, {
      name: 'bench',
      spec: {},
      spaceDigest: '',
      seed: '1',
      environment: {},
    });
    for (let from = 1; from <= count; from += 1000) {
      store.begin(
        Array.from({ length: 1000 }, (_, i) => ({
          kind: 'sample',
          parent: null,
          genome: Array.from({ length: 40 }, (_g, k) => (i + k) % 5),
          text: `${from + i} ${block.repeat(12)}`,
          params: 3_000_000 + i,
          madds: 200_000_000 + i,
          seed: `1/trial/${from + i}`,
          note: { logp: 'A'.repeat(216) },
        })),
        null,
      );
      if (from <= 20_000)
        for (let id = from; id < from + 1000; id++)
          store.finish(
            id,
            {
              state: 'done',
              accuracy: ratio(((id * 7919) % 1000) / 1000),
              latency: {
                source: 'measured',
                platform: 'tensorflow',
                medianMs: ms(1 + ((id * 104_729) % 1000) / 500),
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
            },
            0.5,
            null,
          );
    }
  }
  const filledMs = fill();
  using reader = readStudy(folder);
  const time = (run: () => unknown): number =>
    Number(
      median(
        Array.from({ length: 7 }, () => {
          const before = process.cpuUsage().user;
          run();
          return (process.cpuUsage().user - before) / 1000;
        }),
      ).toFixed(1),
    );
  const result = {
    what: `listing ${count} trials (a fifth of them finished, texts of 400 characters) from SQLite`,
    cpu: cpus()[0]?.model,
    cores: cpus().length,
    node: process.version,
    fileMiB: Math.round(statSync(join(folder, 'trials.sqlite')).size / 2 ** 20),
    filledMs: Math.round(filledMs),
    allRowsMs: time(() => reader.rows()),
    best100Ms: time(() => reader.rows({ sort: 'accuracy', descending: true, limit: 100 })),
    frontierMs: time(() => frontier(reader.rows({ states: ['done'] }))),
  };
  process.stdout.write(`${JSON.stringify(result, null, 1)}\n`);
} finally {
  rmSync(folder, { recursive: true });
}
