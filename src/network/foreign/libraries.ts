/** Whose weights a file holds: how its layers are named, and what the networks behind the names do otherwise than ours. */
export interface Library {
  readonly name: LibraryName;
  /** Whether the names of a file's tensors are this library's. */
  recognizes(names: ReadonlySet<string>): boolean;
  /** The epsilon of its batch normalisation. */
  epsilon(names: ReadonlySet<string>): number;
  readonly padding: 'same' | 'symmetric';
}

export const LIBRARY_NAMES = ['torchvision', 'timm', 'timm-tf', 'd-li14'] as const;
export type LibraryName = (typeof LIBRARY_NAMES)[number];

/** Epsilon of PyTorch's batch normalisation, and of TensorFlow's MobileNets. */
const PYTORCH = 1e-5;
const TENSORFLOW = 1e-3;

const hasLayer = (names: ReadonlySet<string>, pattern: RegExp): boolean =>
  [...names].some((name) => pattern.test(name));

/**
 * In the order in which they are tried. timm's networks named `tf_…`, converted from TensorFlow, have the names of its others
 * but SAME padding and another epsilon, so they are never recognized: they must be named.
 */
export const LIBRARIES: readonly Library[] = [
  {
    name: 'timm',
    recognizes: (names) => names.has('conv_stem.weight'),
    epsilon: () => PYTORCH,
    padding: 'symmetric',
  },
  {
    name: 'timm-tf',
    recognizes: () => false,
    epsilon: () => TENSORFLOW,
    padding: 'same',
  },
  {
    name: 'torchvision',
    // Its MobileNetV3 (blocks), MobileNetV2 (a convolution and its normalisation in one) and MnasNet (layers).
    recognizes: (names) =>
      hasLayer(names, /^features\.\d+\.(block|conv\.0\.0)\./) || names.has('layers.0.weight'),
    epsilon: (names) => (hasLayer(names, /^features\.\d+\.block\./) ? TENSORFLOW : PYTORCH),
    padding: 'symmetric',
  },
  {
    name: 'd-li14',
    recognizes: (names) => hasLayer(names, /^features\.\d+\.conv\.0\.weight$/),
    epsilon: () => PYTORCH,
    padding: 'symmetric',
  },
];
