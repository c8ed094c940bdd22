import { z } from 'zod';
import { NasError } from '../../core/index.js';
import { loadBinding } from './binding.js';
import {
  attribute,
  DType,
  encodeSavedModel,
  type Attribute,
  type NodeDef,
  type Signature,
} from './graph/proto.js';
import { openSavedModel, openSession, type Session } from './session.js';

/** A TensorFlow.js graph model: GraphDef in JSON with the constants next to it, in the manifest's order. */
export interface GraphModel {
  /** The text of `model.json`. */
  readonly json: string;
  /** The weight files' bytes, joined. */
  readonly weights: Uint8Array;
}

export interface GraphModelOptions {
  /** Folder of `tfjs_binding.node`. */
  readonly directory: string;
  readonly temporaryFolder: string;
  /** Pictures per run. */
  readonly batch: number;
}

const shapeSchema = z.object({ dim: z.array(z.object({ size: z.coerce.number() })).default([]) });
const dtypeSchema = z.enum(['DT_FLOAT', 'DT_INT32']);
const attributeSchema = z.union([
  z.object({ type: dtypeSchema }),
  z.object({ b: z.boolean() }),
  z.object({ s: z.string() }),
  z.object({ list: z.object({ i: z.array(z.coerce.number()) }) }),
  z.object({ shape: shapeSchema }),
  z.object({ tensor: z.object({ dtype: dtypeSchema, tensorShape: shapeSchema }) }),
]);
const modelSchema = z.object({
  modelTopology: z.object({
    node: z.array(
      z.object({
        name: z.string(),
        op: z.string(),
        input: z.array(z.string()).default([]),
        attr: z.record(z.string(), attributeSchema).default({}),
      }),
    ),
  }),
  weightsManifest: z.array(
    z.object({
      weights: z.array(
        z.object({ name: z.string(), shape: z.array(z.number()), dtype: z.enum(['float32', 'int32']) }),
      ),
    }),
  ),
});

/**
 * Runs a graph model through TensorFlow itself: the file's own nodes, not the network they were written from.
 * @param input count × H × W × C normalised pixels, fed to the node `input`
 * @param output name of the node to read
 * @throws NasError `NAS_BAD_GRAPH_MODEL` for a file that is no such model, `NAS_TENSORFLOW_MISSING`
 */
export function runGraphModel(
  model: GraphModel,
  input: Float32Array,
  output: string,
  { directory, temporaryFolder, batch }: GraphModelOptions,
): Float32Array {
  const nodes = nodesOf(model);
  const picture = nodes.find(({ name }) => name === 'input')?.attr['shape'];
  if (picture === undefined || !('shape' in picture)) throw badModel('no placeholder named input');
  const shape = picture.shape.dim.slice(1).map(({ size }) => size);
  const session = openSession(loadBinding(directory), { nodes }, temporaryFolder);
  return runAll(session, input, shape, output, batch);
}

/** The bytes of a `saved_model.pb` that holds a graph model, constants included. @throws NasError `NAS_BAD_GRAPH_MODEL` */
export function savedModelOf(model: GraphModel, signature: Signature): Uint8Array {
  return encodeSavedModel({ nodes: nodesOf(model) }, signature);
}

/**
 * As {@link runGraphModel}, of the bytes of a `saved_model.pb`; `shape` is one picture's.
 * @throws NasError `NAS_TENSORFLOW_MISSING`
 */
export function runSavedModel(
  bytes: Uint8Array,
  input: Float32Array,
  shape: readonly number[],
  output: string,
  { directory, temporaryFolder, batch }: GraphModelOptions,
): Float32Array {
  const session = openSavedModel(loadBinding(directory), () => bytes, temporaryFolder);
  return runAll(session, input, shape, output, batch);
}

/** A graph model's nodes with the constants' numbers in them. */
function nodesOf(model: GraphModel): readonly NodeDef[] {
  const parsed = modelSchema.safeParse(JSON.parse(model.json));
  if (!parsed.success) throw badModel(parsed.error.issues[0]?.message ?? 'unknown shape');
  const { modelTopology, weightsManifest } = parsed.data;
  const contents = contentsOf(
    weightsManifest.flatMap((group) => group.weights),
    model.weights,
  );
  return modelTopology.node.map((node): NodeDef => ({
    ...node,
    attr: Object.fromEntries(
      Object.entries(node.attr).map(([key, value]) => [key, attributeOf(value, contents.get(node.name))]),
    ),
  }));
}

/** One output for all pictures, in batches; ends the session. */
function runAll(
  session: Session,
  input: Float32Array,
  shape: readonly number[],
  output: string,
  batch: number,
): Float32Array {
  const size = shape.reduce((product, side) => product * side, 1);
  try {
    const parts: Float32Array[] = [];
    for (let at = 0; at < input.length; at += batch * size) {
      const part = input.slice(at, at + batch * size);
      const fed = session.tensor([part.length / size, ...shape], part);
      try {
        parts.push(session.run({ input: fed }, [output])[0] as Float32Array);
      } finally {
        session.free(fed);
      }
    }
    const result = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const part of parts) {
      result.set(part, at);
      at += part.length;
    }
    return result;
  } finally {
    session.dispose();
  }
}

type Weight = z.infer<typeof modelSchema>['weightsManifest'][number]['weights'][number];

/** Each constant's numbers, cut from the joined bytes in the manifest's order; both types have four bytes. */
function contentsOf(weights: readonly Weight[], bytes: Uint8Array): Map<string, Float32Array | Int32Array> {
  const contents = new Map<string, Float32Array | Int32Array>();
  let at = 0;
  for (const { name, shape, dtype } of weights) {
    const count = shape.reduce((product, side) => product * side, 1);
    // A separate copy: a Buffer's slice would share, and start anywhere in, a larger one.
    const part = Uint8Array.from(bytes.subarray(at, at + 4 * count));
    if (part.length !== 4 * count) throw badModel(`weights end inside ${name}`);
    contents.set(name, dtype === 'float32' ? new Float32Array(part.buffer) : new Int32Array(part.buffer));
    at += 4 * count;
  }
  return contents;
}

function attributeOf(
  value: z.infer<typeof attributeSchema>,
  content: Float32Array | Int32Array | undefined,
): Attribute {
  if ('type' in value) return attribute.type(dtypeOf(value.type));
  if ('b' in value) return attribute.bool(value.b);
  if ('s' in value) return { s: Buffer.from(value.s, 'base64') };
  if ('list' in value) return attribute.ints(value.list.i);
  if ('shape' in value) return attribute.shape(value.shape.dim.map(({ size }) => size));
  if (content === undefined) throw badModel('a constant without weights');
  const { dtype, tensorShape } = value.tensor;
  return attribute.tensor(
    dtypeOf(dtype),
    tensorShape.dim.map(({ size }) => size),
    content,
  );
}

function dtypeOf(name: z.infer<typeof dtypeSchema>): DType {
  return name === 'DT_FLOAT' ? DType.float : DType.int32;
}

function badModel(found: string): NasError {
  return new NasError({
    code: 'NAS_BAD_GRAPH_MODEL',
    found: `a graph model that cannot be run: ${found}`,
    expected: 'model.json and weights as nas export writes them',
  });
}
