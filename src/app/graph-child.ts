/**
 * Process that runs an exported graph model once: one {@link GraphRequest} in, one {@link GraphReply} out. Of its own,
 * so that the controller never loads TensorFlow and hears nothing of what it prints.
 */
import { runGraphModel, type GraphModel, type GraphModelOptions } from '../backends/index.js';
import { messageOf } from '../core/index.js';

export interface GraphRequest {
  readonly model: GraphModel;
  readonly input: Float32Array;
  readonly output: string;
  readonly options: GraphModelOptions;
}

export type GraphReply = { readonly logits: Float32Array } | { readonly problem: string };

process.once('message', (request: GraphRequest) => {
  let reply: GraphReply;
  try {
    reply = { logits: runGraphModel(request.model, request.input, request.output, request.options) };
  } catch (error) {
    reply = { problem: messageOf(error) };
  }
  process.send?.(reply, () => process.disconnect());
});
