// A process that times networks on one platform, one session a message; see timer.mjs.
import { createRng } from '../../../dist/core/index.js';
import { defaultProtocol, openPlatform, parsePlatform, undisturbed } from '../../../dist/latency/index.js';
import { buildNetwork, initialWeights } from '../../../dist/network/index.js';
import { parseArchitecture } from '../../../dist/space/index.js';
import { partsFor } from '../setting.mjs';

const [name, threads, folder] = process.argv.slice(2);
const platform = await openPlatform(
  parsePlatform(name),
  partsFor(Number(threads), folder === '' ? null : folder, [name]),
);

async function time({ texts, seed }) {
  const runnables = texts.map((text) => {
    const network = buildNetwork(parseArchitecture(text));
    return { network, weights: initialWeights(network, createRng('bench')) };
  });
  const records = await platform.time(runnables, { ...defaultProtocol, seed }, undisturbed);
  // Hundreds of runs of each network would make the results unreadable.
  return records.map(({ samplesMs, ...record }) => {
    void samplesMs;
    return record;
  });
}

process.on('message', (message) => {
  const work = message === 'close' ? platform[Symbol.asyncDispose]() : time(message);
  work.then(
    (ok) => process.send({ ok: ok ?? null }, () => message === 'close' && process.exit(0)),
    (error) => process.send({ error: error.message }),
  );
});
process.once('disconnect', () => process.exit(1));
process.send({ ok: platform.fingerprint });
