import type { Binding } from './binding.js';
import { asFunctions, BYTES, CHOICE, RESULT, shapeOf, type Entry } from './graph/functions.js';
import type { NodeDef } from './graph/proto.js';
import { openSession, type TensorId } from './session.js';

type Values = Float32Array | Int32Array | Uint8Array;

/** A loaded graph that is asked for entries by name. Variables live and die with it. */
export interface Calls {
  /** @param values what the entry's placeholder is, in its shape and type */
  call(entry: string, values?: Values): Float32Array;
  /** As {@link call} with a result that is thrown away unread. */
  execute(entry: string, values?: Values): void;
  dispose(): void;
}

/** The graph as functions; on a GPU unchanged, where XLA and the placement of operations see all of it. */
export function openCalls(
  binding: Binding,
  nodes: readonly NodeDef[],
  entries: readonly Entry[],
  folder: string,
): Calls {
  return (binding.isUsingGpuDevice() ? openWhole : openFunctions)(binding, nodes, entries, folder);
}

export const openFunctions: typeof openCalls = (binding, nodes, entries, folder) => {
  const session = openSession(binding, asFunctions(nodes, entries), folder);
  const indices = new Map(entries.map(({ name }, index) => [name, index]));
  const none = new Uint8Array(0);

  function feed<T>(entry: string, values: Values, use: (feeds: Record<string, TensorId>) => T): T {
    const index = indices.get(entry);
    if (index === undefined) throw new RangeError(`nothing to call by the name ${entry}`);
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    const choice = session.tensor([], Int32Array.of(index));
    try {
      const fed = session.tensor([bytes.length], bytes);
      try {
        return use({ [CHOICE]: choice, [BYTES]: fed });
      } finally {
        session.free(fed);
      }
    } finally {
      session.free(choice);
    }
  }
  return {
    call: (entry, values = none) =>
      feed(entry, values, (feeds) => session.run(feeds, [RESULT])[0] as Float32Array),
    execute: (entry, values = none) => feed(entry, values, (feeds) => session.execute(feeds, [RESULT])),
    dispose: () => session.dispose(),
  };
};

export const openWhole: typeof openCalls = (binding, nodes, entries, folder) => {
  const session = openSession(binding, { nodes }, folder);
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const feeds = new Map(entries.map(({ name, feed }) => [name, feed]));

  function feed<T>(
    entry: string,
    values: Values | undefined,
    use: (feeds: Record<string, TensorId>) => T,
  ): T {
    const placeholder = byName.get(feeds.get(entry) ?? '');
    if (placeholder === undefined || values === undefined) return use({});
    const fed = session.tensor(shapeOf(placeholder), values);
    try {
      return use({ [placeholder.name]: fed });
    } finally {
      session.free(fed);
    }
  }
  return {
    call: (entry, values) => feed(entry, values, (given) => session.run(given, [entry])[0] as Float32Array),
    execute: (entry, values) => feed(entry, values, (given) => session.execute(given, [entry])),
    dispose: () => session.dispose(),
  };
};
