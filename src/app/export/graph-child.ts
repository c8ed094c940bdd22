/**
 * Process that computes once: one {@link AsideRequest} in, one {@link AsideReply} out. Separate, so that the
 * controller never loads TensorFlow and hears nothing of what it prints.
 */
import {
  createReferenceBackend,
  createTensorflowBackend,
  runGraphModel,
  runSavedModel,
  type GraphModel,
  type GraphModelOptions,
  type TensorflowOptions,
} from '../../backends/index.js';
import { messageOf } from '../../core/index.js';
import type { Network, Weights } from '../../network/index.js';

/** An exported graph model, node by node. */
export interface GraphRequest {
  readonly model: GraphModel;
  readonly input: Float32Array;
  readonly output: string;
  readonly options: GraphModelOptions;
}

/** An exported SavedModel, as its file is. */
export interface SavedModelRequest {
  readonly savedModel: Uint8Array;
  readonly input: Float32Array;
  /** H × W × C of one picture. */
  readonly shape: readonly number[];
  readonly output: string;
  readonly options: GraphModelOptions;
}

/** Our own forward pass of networks that share an input and weights. */
export interface ForwardRequest {
  readonly networks: readonly Network[];
  readonly weights: Weights;
  readonly epsilon: number;
  /** batch × H × W × C, normalised. */
  readonly input: Float32Array;
  readonly batch: number;
  /** Null for the reference backend. */
  readonly tensorflow: TensorflowOptions | null;
}

export type AsideRequest = GraphRequest | SavedModelRequest | ForwardRequest;
export type AsideReply = { readonly results: readonly Float32Array[] } | { readonly problem: string };

process.once('message', (request: AsideRequest) => {
  void answer(request).then((reply) => process.send?.(reply, () => process.disconnect()));
});

async function answer(request: AsideRequest): Promise<AsideReply> {
  try {
    if ('networks' in request) return { results: await forwards(request) };
    if ('savedModel' in request) {
      const { savedModel, input, shape, output, options } = request;
      return { results: [runSavedModel(savedModel, input, shape, output, options)] };
    }
    return { results: [runGraphModel(request.model, request.input, request.output, request.options)] };
  } catch (error) {
    return { problem: messageOf(error) };
  }
}

async function forwards(request: ForwardRequest): Promise<readonly Float32Array[]> {
  const { networks, weights, epsilon, batch, input, tensorflow } = request;
  await using backend = await (tensorflow === null
    ? createReferenceBackend()
    : createTensorflowBackend(tensorflow));
  return networks.map((network) => {
    const program = backend.compileInference(network, weights, { batch, epsilon });
    try {
      return program.run(input);
    } finally {
      program.dispose();
    }
  });
}
