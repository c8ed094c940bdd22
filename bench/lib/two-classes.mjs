// Made-up pictures of two classes, dark and light, for benches that ask how long something takes, not what is learned.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';

const EACH = 200;

/** Writes them below `folder`, drawn from `rng`, and returns the name of the data set. */
export async function twoClasses(folder, side, rng) {
  for (const [name, level] of [
    ['dark', 60],
    ['light', 180],
  ]) {
    mkdirSync(join(folder, name), { recursive: true });
    for (let i = 0; i < EACH; i++) {
      const raw = Uint8Array.from({ length: side * side * 3 }, () => level + rng.integer(40));
      await sharp(raw, { raw: { width: side, height: side, channels: 3 } })
        .png()
        .toFile(join(folder, name, `${i}.png`));
    }
  }
  return `images:${folder}`;
}
