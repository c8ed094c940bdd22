import { readTensor } from '../safetensors.js';
import type { Header, Tensor } from '../weights-header.js';

/** Numbers with their shape, as a file has them. */
export interface ForeignTensor {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** A layer with weights of a PyTorch network: a convolution or dense layer, or the batch normalisation behind one. */
export interface ForeignModule {
  readonly name: string;
  readonly kind: 'kernel' | 'norm';
  /** By the last part of their names: `weight`, `bias`, `running_mean`, `running_var`. */
  tensor(part: string): ForeignTensor | undefined;
}

/** The layers of a file in the order of execution; a common prefix such as `module.` is left out. */
export function modulesOf(header: Header, data: Uint8Array): readonly ForeignModule[] {
  const modules = new Map<string, Map<string, Tensor>>();
  for (const [name, tensor] of header.tensors) {
    const at = name.lastIndexOf('.');
    const [module, part] = [name.slice(0, Math.max(0, at)), name.slice(at + 1)];
    // A counter of batches; not used for anything.
    if (part === 'num_batches_tracked') continue;
    const parts = modules.get(module) ?? new Map<string, Tensor>();
    modules.set(module, parts.set(part, tensor));
  }
  const order = [...modules.keys()].map((name) => ({ name, key: keyOf(name, modules) }));
  order.sort((a, b) => compare(a.key, b.key));
  return order.map(({ name }) => {
    const parts = modules.get(name) ?? new Map<string, Tensor>();
    return {
      name,
      kind: parts.has('running_mean') ? 'norm' : 'kernel',
      tensor(part) {
        const tensor = parts.get(part);
        return tensor && { shape: tensor.shape, values: readTensor(tensor, data) };
      },
    };
  });
}

/** Names of a file's tensors without the prefix that training wrappers add to all of them. */
export function plainNames(header: Header): Header {
  const names = [...header.tensors.keys()];
  const prefix = ['module.', 'model.', 'state_dict.', 'backbone.'].find((one) =>
    names.every((name) => name.startsWith(one)),
  );
  if (prefix === undefined) return header;
  const tensors = [...header.tensors].map(([name, tensor]): [string, Tensor] => [
    name.slice(prefix.length),
    tensor,
  ]);
  return plainNames({ ...header, tensors: new Map(tensors) });
}

/** Where the words of a name stand in the order of execution, of one block or of the whole network; numbers count. */
const WHOLE = ['conv_stem', 'bn1', 'features', 'layers', 'blocks', 'conv', 'conv_head', 'bn2', 'norm_head'];
const EXPANDED = ['conv_pw', 'bn1', 'conv_dw', 'bn2', 'se', 'conv_pwl', 'bn3'];
const SEPARABLE = ['conv_dw', 'bn1', 'se', 'conv_pw', 'bn2'];
const UNIVERSAL = ['dw_start', 'pw_exp', 'dw_mid', 'pw_proj'];
const PLAIN = ['conv', 'bn', 'bn1', 'conv_reduce', 'conv_expand'];
const LAST = ['classifier', 'fc'];

function keyOf(name: string, modules: ReadonlyMap<string, unknown>): readonly number[] {
  const words = name.split('.');
  return words.map((word, index) => {
    if (/^\d+$/.test(word)) return Number(word);
    if (index === 0) return LAST.includes(word) ? Number.MAX_SAFE_INTEGER : rank(WHOLE, word);
    const block = words.slice(0, index).join('.');
    const order = modules.has(`${block}.conv_pwl`)
      ? EXPANDED
      : modules.has(`${block}.conv_dw`)
        ? SEPARABLE
        : UNIVERSAL.includes(word)
          ? UNIVERSAL
          : PLAIN;
    return order.includes(word) ? rank(order, word) : Number(/\d+$/.exec(word)?.[0] ?? 0);
  });
}

function rank(order: readonly string[], word: string): number {
  const at = order.indexOf(word);
  return at === -1 ? order.length : at;
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const difference = (a[i] ?? -1) - (b[i] ?? -1);
    if (difference !== 0) return difference;
  }
  return 0;
}
