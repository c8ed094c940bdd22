import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Binding, TensorInfo } from './binding.js';
import { DType, encodeSavedModel, TAG, type GraphDef } from './graph/proto.js';
import { makeTemporary } from './temporary.js';

/** A tensor the binding holds; freed by {@link Session.free}. */
export type TensorId = number & { readonly __tensor: true };

/** A graph loaded into its own TensorFlow session. Variables live and die with it. */
export interface Session {
  tensor(shape: readonly number[], values: Float32Array | Int32Array | Uint8Array): TensorId;
  free(tensor: TensorId): void;
  /** Runs the graph as far as `fetch` needs; each result is read out and freed. Names are `node` or `node:output`. */
  run(feeds: Readonly<Record<string, TensorId>>, fetch: readonly string[]): readonly Float32Array[];
  /** As {@link run} with results that are thrown away unread. */
  execute(feeds: Readonly<Record<string, TensorId>>, fetch: readonly string[]): void;
  dispose(): void;
}

const TYPES = new Map<unknown, DType>([
  [Float32Array, DType.float],
  [Int32Array, DType.int32],
  [Uint8Array, DType.uint8],
]);

/** Writes the graph below `folder`, loads it and removes what was written. */
export function openSession(binding: Binding, graph: GraphDef, folder: string): Session {
  return openSavedModel(binding, () => encodeSavedModel(graph), folder);
}

/** As {@link openSession}. @param write gives the bytes of a `saved_model.pb` */
export function openSavedModel(binding: Binding, write: () => Uint8Array, folder: string): Session {
  const directory = makeTemporary(folder);
  let model: number;
  try {
    writeFileSync(join(directory, 'saved_model.pb'), write());
    model = binding.loadSavedModel(directory, TAG);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
  let open = true;

  function call(feeds: Readonly<Record<string, TensorId>>, fetch: readonly string[]): TensorInfo[] {
    if (!open) throw new Error('a session was used after its end');
    return binding.runSavedModel(
      model,
      Object.values(feeds),
      Object.keys(feeds).map(fullName).join(),
      fetch.map(fullName).join(),
    );
  }

  return {
    tensor(shape, values) {
      const type = TYPES.get(values.constructor);
      if (type === undefined) throw new TypeError('no TensorFlow type for this array');
      return binding.createTensor([...shape], type, values) as TensorId;
    },
    free: (tensor) => binding.deleteTensor(tensor),
    run(feeds, fetch) {
      const results = call(feeds, fetch);
      try {
        return results.map(({ id }) => binding.tensorDataSync(id) as Float32Array);
      } finally {
        for (const { id } of results) binding.deleteTensor(id);
      }
    },
    execute(feeds, fetch) {
      for (const { id } of call(feeds, fetch)) binding.deleteTensor(id);
    },
    dispose() {
      if (!open) return;
      open = false;
      binding.deleteSavedModel(model);
    },
  };
}

const fullName = (name: string) => (name.includes(':') ? name : `${name}:0`);
