import { NasError, type Rng } from '../core/index.js';
import { buildNetwork, foreignWeights, libraryOf, type LibraryName, type Weights } from '../network/index.js';
import type { Architecture } from '../space/index.js';

export interface OutsideOptions {
  /** Of our batch normalisation. */
  readonly epsilon: number;
  /** Starts a classifier of other classes than the file's. */
  readonly rng: Rng;
  /** Whose file it is; recognized by its names unless given. */
  readonly library?: LibraryName | undefined;
}

export interface OutsideWeights {
  /** With the library's padding. */
  readonly architecture: Architecture;
  readonly weights: Weights;
  /** Whose weights they are, and what was changed to fit them: `weights of timm, a new classifier for 5 classes`. */
  readonly notice: string;
}

/**
 * A network with the weights of another library.
 * @throws NasError what {@link foreignWeights} finds, `NAS_BAD_WEIGHTS` for what `torch.save` wrote
 */
export function outsideWeights(
  bytes: Uint8Array,
  architecture: Architecture,
  { epsilon, rng, library }: OutsideOptions,
): OutsideWeights {
  if (isArchive(bytes))
    throw new NasError({
      code: 'NAS_BAD_WEIGHTS',
      found: 'an archive, as PyTorch saves weights (.pth)',
      expected: 'a safetensors file',
      fix: 'convert it as docs/formats.md shows under "Weights from other libraries"',
    });
  const padded: Architecture =
    libraryOf(bytes, library).padding === 'symmetric'
      ? { ...architecture, padding: 'symmetric' }
      : architecture;
  const network = buildNetwork(padded);
  const read = foreignWeights(bytes, { network, epsilon, rng, library });
  const changes = [
    read.newHead ? [`a new classifier for ${network.classes} classes`] : [],
    read.grey ? ['the kernels of three colours added up for grey pictures'] : [],
  ].flat();
  return {
    architecture: padded,
    weights: read.weights,
    notice: `weights of ${read.library.name}${changes.map((change) => `, ${change}`).join('')}`,
  };
}

/** Whether it begins as a zip archive does. */
export function isArchive(bytes: Uint8Array): boolean {
  return bytes[0] === 0x50 && bytes[1] === 0x4b;
}
