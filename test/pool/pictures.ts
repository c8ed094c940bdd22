import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { createRng } from '../../src/core/index.js';

/** Dark and light squares with noise, 40 of each: easy to distinguish. */
export async function pictures(folder: string): Promise<string> {
  const rng = createRng('pictures');
  for (const [name, level] of [
    ['dark', 60],
    ['light', 180],
  ] as const) {
    mkdirSync(join(folder, name), { recursive: true });
    for (let i = 0; i < 40; i++) {
      const raw = Uint8Array.from({ length: 12 * 12 * 3 }, () => level + rng.integer(40));
      await sharp(raw, { raw: { width: 12, height: 12, channels: 3 } })
        .png()
        .toFile(join(folder, name, `${i}.png`));
    }
  }
  return `images:${folder}`;
}
