import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { createRng } from '../../src/core/index.js';

/** Folders `dark` and `light` of noisy squares, `each` pictures per class: easy to distinguish. */
export async function writePictures(folder: string, side: number, count: number): Promise<void> {
  const rng = createRng('pictures');
  const levels = { dark: 60, light: 150 };
  for (const [name, level] of Object.entries(levels)) {
    mkdirSync(join(folder, name), { recursive: true });
    for (let i = 0; i < count; i++) {
      const raw = Uint8Array.from({ length: side * side * 3 }, () => level + rng.integer(60));
      await sharp(raw, { raw: { width: side, height: side, channels: 3 } })
        .png()
        .toFile(join(folder, name, `${i}.png`));
    }
  }
}
