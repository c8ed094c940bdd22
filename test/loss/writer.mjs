// A process that writes a study as a search does: node writer.mjs RUNS search|create
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

const [runs, role] = process.argv.slice(2);
const name = 'demo';
const dist = (path) => new URL(`../../dist/${path}`, import.meta.url).href;
const { createStudy, readStudy } = await import(dist('trials/index.js'));
const folder = join(runs, name);
const study = { name, spec: {}, spaceDigest: '', seed: '1', environment: {} };
const say = (line) => process.stdout.write(`${line}\n`);

if (role === 'create') {
  // A line is the name of a study to create; an empty one closes what was created.
  const { createInterface } = await import('node:readline');
  let store;
  say('ready');
  for await (const line of createInterface({ input: process.stdin })) {
    if (line === '') {
      store?.[Symbol.dispose]();
      store = undefined;
      say('closed');
      continue;
    }
    try {
      store = createStudy(join(runs, line), { ...study, name: line });
      say(`created ${line}`);
    } catch (error) {
      say(`refused ${line} ${error.code ?? error.message}`);
    }
  }
} else {
  const { devicePredictor } = await import(dist('app/search/device-predictor.js'));
  const store = createStudy(folder, study);
  const none = { platform: 'none', batch: 1 };
  const places = { runs, data: runs, tensorflow: runs, latency: runs };
  const trial = {
    kind: 'sample',
    parent: null,
    genome: [1],
    text: 'x',
    params: 1,
    madds: 1,
    seed: '1',
    note: null,
  };
  const end = { state: 'failed', reason: 'diverged', latency: null, curve: [], seconds: 1 };
  for (let id = 1; ; id++) {
    store.begin([{ ...trial, note: 'n'.repeat(200) }], { id });
    store.finish(id, end, null, { id });
    if (id === 3) {
      devicePredictor(places, none, store);
      const reader = readStudy(folder);
      reader.rows();
      readStudy(`${runs}/../runs/${name}`)[Symbol.dispose]();
      reader[Symbol.dispose]();
      const inode = statSync(join(folder, 'trials.sqlite')).ino;
      const held = (line) => line.includes(` ${process.pid} `) && line.includes(`:${inode} `);
      say(`locks ${readFileSync('/proc/locks', 'utf8').split('\n').filter(held).length}`);
    }
    say(`finished ${id}`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}
