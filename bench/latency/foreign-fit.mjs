// Is a sum of work that is fitted to 10,000 of a foreign table's 60,000 lines as good as one fitted to all? The table is
// made up: 60,000 blocks in Once-for-All's form whose times are a sum of work, a factor per pattern that depends on the
// widths, and noise. 2,000 further blocks are estimated by both. Writes results/foreign-fit.json.
import { writeFileSync } from 'node:fs';
import { machine } from '../lib/machine.mjs';
import { createRng } from '../../dist/core/index.js';
import { importTable } from '../../dist/latency/table/foreign.js';
import { interpolation } from '../../dist/latency/table/interpolate.js';
import { segmentOfKey, workOfKey } from './lib/foreign-truth.mjs';

const [LINES, ASKED, FITTED, NOISE] = [60_000, 2_000, 10_000, 0.05];
const seed = 'foreign-fit';
const rng = createRng(seed);
const pick = (list) => list[Math.floor(rng.uniform() * list.length)];

function block() {
  const size = pick([112, 56, 28, 14, 7]);
  const [from, to] = [8 * (1 + Math.floor(30 * rng.uniform())), 8 * (1 + Math.floor(30 * rng.uniform()))];
  const stride = pick([1, 2]);
  const out = Math.ceil(size / stride);
  const inside = from * pick([3, 4, 6]);
  const skip = stride === 1 && from === to ? pick([0, 1]) : 0;
  const kind = `expand:${inside}-kernel:${pick([3, 5, 7])}-stride:${stride}-idskip:${skip}-se:${pick([0, 1])}-hs:${pick([0, 1])}`;
  return `expanded_conv-input:${size}x${size}x${from}-output:${out}x${out}x${to}-${kind}`;
}

const keys = new Set();
while (keys.size < LINES + ASKED) keys.add(block());
// Read as a table is, with times of 1 ms; two foreign keys may be one of ours.
const ours = Object.keys(
  importTable(JSON.stringify(Object.fromEntries([...keys].map((key) => [key, 1]))), 't').table.entries,
);
const rates = new Map();
const patterns = new Map();
function truth(key) {
  let sum = 0.002;
  for (const [name, amount] of workOfKey(key)) {
    if (!rates.has(name)) rates.set(name, Math.exp(createRng(seed).fork(`rate/${name}`).normal() - 16));
    sum += amount * rates.get(name);
  }
  const { pattern, widths } = segmentOfKey(key);
  if (!patterns.has(pattern)) patterns.set(pattern, createRng(seed).fork(pattern).normal());
  const bend = widths.reduce((total, width, i) => total + Math.sin(Math.log(width) + i), 0);
  return sum * Math.exp(0.15 * patterns.get(pattern) + 0.1 * bend);
}
const order = rng.fork('order').shuffle(ours);
const asked = order.slice(0, ASKED);
const lines = new Map(
  order.slice(ASKED).map((key) => [key, truth(key) * Math.exp(NOISE * createRng(seed).fork(key).normal())]),
);

const quantile = (list, share) =>
  [...list].sort((a, b) => a - b)[Math.min(list.length - 1, Math.floor(share * list.length))];
function fitted(most) {
  const begin = performance.now();
  const model = interpolation(lines, 1e-4, most);
  const estimates = asked.map((key) => model.estimate(key));
  const seconds = (performance.now() - begin) / 1000;
  const misses = asked.map((key, i) => Math.abs(Math.log(estimates[i] / truth(key))));
  return {
    fitted: Math.min(most, lines.size),
    seconds,
    estimates,
    median: quantile(misses, 0.5),
    p95: quantile(misses, 0.95),
  };
}
const [part, all] = [fitted(FITTED), fitted(Infinity)];
const apart = asked.map((_, i) => Math.abs(Math.log(part.estimates[i] / all.estimates[i])));
const row = ({ estimates: _, ...rest }) => rest;
const result = {
  command: 'node bench/latency/foreign-fit.mjs',
  machine: machine({}),
  seed,
  lines: lines.size,
  asked: asked.length,
  part: row(part),
  all: row(all),
  apart: { median: quantile(apart, 0.5), p95: quantile(apart, 0.95), most: Math.max(...apart) },
};
writeFileSync(new URL('results/foreign-fit.json', import.meta.url), `${JSON.stringify(result, null, 2)}\n`);
console.log(JSON.stringify(result, null, 2));
