import type { Examples, StepInput } from '../backend.js';
import type { StepRecipe } from '../step-recipe.js';

type Pixels = Pick<StepRecipe, 'mean' | 'deviation'>;

/** Pictures `from` … `from+count` normalised; rows beyond the examples stay zero. */
export function plainPictures(examples: Examples, from: number, count: number, pixels: Pixels): Float32Array {
  const size = examples.shape[0] * examples.shape[1] * examples.shape[2];
  const result = new Float32Array(count * size);
  const end = Math.min((from + count) * size, examples.images.length);
  for (let i = from * size; i < end; i++)
    result[i - from * size] = normal(examples.images[i] as number, i % examples.shape[2], pixels);
  return result;
}

/** A step's pictures: black border of `pad` pixels, crop at (top, left), mirror, normalise. */
export function augmentedPictures(examples: Examples, input: StepInput, recipe: StepRecipe): Float32Array {
  const [height, width, channels] = examples.shape;
  const result = new Float32Array(recipe.batch * height * width * channels);
  let at = 0;
  for (let b = 0; b < recipe.batch; b++)
    for (let i = 0; i < height; i++)
      for (let j = 0; j < width; j++)
        for (let c = 0; c < channels; c++) {
          const y = (input.top[b] as number) + i - recipe.pad;
          const x = (input.left[b] as number) + (input.flip[b] === 1 ? width - 1 - j : j) - recipe.pad;
          const inside = y >= 0 && y < height && x >= 0 && x < width;
          const picture = (input.indices[b] as number) * height * width * channels;
          const byte = inside ? (examples.images[picture + (y * width + x) * channels + c] as number) : 0;
          result[at++] = normal(byte, c, recipe);
        }
  return result;
}

function normal(byte: number, channel: number, { mean, deviation }: Pixels): number {
  return (byte / 255 - (mean[channel] as number)) / (deviation[channel] as number);
}
