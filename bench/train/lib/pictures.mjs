// The pictures both sides read: plain files of bytes in a temporary folder.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createRng, isNasError } from '../../../dist/core/index.js';
import { loadData, loadTest } from '../../../dist/data/index.js';
import { atEnd } from '../../lib/ending.mjs';

const FOLDER = process.env.NAS_DATA ?? fileURLToPath(new URL('../../../.data', import.meta.url));

/** Fashion-MNIST as a study has it; the split is not used: every picture of the training set is trained on. */
export function dataSpec() {
  return { name: 'fashion-mnist', folder: FOLDER, heldOut: 0.1, size: null, limit: null };
}

/**
 * Writes Fashion-MNIST into a temporary folder, or, where it has not been fetched, random pictures of its shape: good for
 * timing only. `real` says which; `close` removes the folder.
 */
export async function writePictures() {
  const folder = mkdtempSync(join(tmpdir(), 'nas-bench-'));
  const close = atEnd(() => rmSync(folder, { recursive: true, force: true }));
  const { real, train, test, mean, deviation } = await load();
  for (const [part, { images, labels }] of Object.entries({ train, test })) {
    writeFileSync(join(folder, `${part}.images`), images);
    writeFileSync(
      join(folder, `${part}.labels`),
      new Uint8Array(labels.buffer, labels.byteOffset, labels.byteLength),
    );
  }
  writeFileSync(join(folder, 'pictures.json'), JSON.stringify({ shape: train.shape, mean, deviation }));
  return { folder, real, mean, deviation, count: train.count, close };
}

async function load() {
  const spec = { ...dataSpec(), seed: 'bench' };
  try {
    const { training, mean, deviation } = await loadData(spec);
    return { real: true, train: training, test: await loadTest({ spec }), mean, deviation };
  } catch (error) {
    if (!isNasError(error) || error.code !== 'NAS_DATA_MISSING') throw error;
    const rng = createRng('pictures');
    const random = (count) => ({
      count,
      shape: [28, 28, 1],
      images: Uint8Array.from({ length: count * 784 }, () => rng.integer(256)),
      labels: Uint16Array.from({ length: count }, () => rng.integer(10)),
    });
    return { real: false, train: random(4096), test: random(2048), mean: [0.5], deviation: [0.25] };
  }
}

/** Reads what {@link writePictures} wrote. */
export function readPictures(folder) {
  const { shape, mean, deviation } = JSON.parse(readFileSync(join(folder, 'pictures.json'), 'utf8'));
  const part = (name) => {
    const images = new Uint8Array(readFileSync(join(folder, `${name}.images`)));
    const bytes = new Uint8Array(readFileSync(join(folder, `${name}.labels`)));
    const labels = new Uint16Array(bytes.buffer);
    return { count: labels.length, shape, images, labels };
  };
  return { train: part('train'), test: part('test'), mean, deviation };
}
