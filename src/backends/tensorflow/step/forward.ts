import type { Network } from '../../../network/index.js';
import type { Layer } from '../../../space/index.js';
import { activate, activationGradient } from './activations.js';
import type { Graph, Ref } from '../graph/graph.js';
import { operate, operateGradient, type OperationGradient } from './layers.js';
import {
  add,
  biasAdd,
  biasAddGradient,
  multiply,
  normalise,
  normaliseGradient,
  subtract,
  sum,
  unary,
  type Normalised,
} from '../graph/operations.js';
import { attribute, DType } from '../graph/proto.js';
import { asMap, asResult, dimensions, isFlat } from './shapes.js';
import type { NormRecipe } from '../../step-recipe.js';

/** Parameters in the graph, by name. */
export type Parameters = ReadonlyMap<string, Ref>;

/** Kernel and bias of each layer, normalisation's moving averages multiplied in (as `fold` does with numbers). */
export function foldInGraph(g: Graph, network: Network, p: Parameters, epsilon: number): Parameters {
  const folded = new Map<string, Ref>();
  for (const layer of network.layers) {
    const of = (role: string) => p.get(`${layer.name}.${role}`);
    const kernel = of('kernel');
    if (kernel === undefined) continue;
    const bias = of('bias');
    if (!layer.norm) {
      folded.set(`${layer.name}.kernel`, kernel);
      if (bias !== undefined) folded.set(`${layer.name}.bias`, bias);
      continue;
    }
    const [scale, offset, mean, variance] = ['scale', 'offset', 'mean', 'variance'].map(of) as [
      Ref,
      Ref,
      Ref,
      Ref,
    ];
    const gain = multiply(g, scale, unary(g, 'Rsqrt', add(g, variance, g.float(epsilon))));
    const depthwise = layer.op === 'dwconv';
    const factor = depthwise ? reshapeGain(g, gain, layer) : gain;
    folded.set(`${layer.name}.kernel`, multiply(g, kernel, factor));
    const centred = bias === undefined ? mean : subtract(g, mean, bias);
    folded.set(`${layer.name}.bias`, subtract(g, offset, multiply(g, centred, gain)));
  }
  return folded;
}

function reshapeGain(g: Graph, gain: Ref, layer: Layer): Ref {
  return g.node('Reshape', [gain, g.ints(layer.out[2], 1)], {
    T: attribute.type(DType.float),
    Tshape: attribute.type(DType.int32),
  });
}

/** Logits by folded parameters. */
export function inferenceForward(g: Graph, network: Network, p: Parameters, input: Ref, batch: number): Ref {
  const results = new Map<string, Ref>([['input', input]]);
  for (const layer of network.layers) {
    const inputs = layer.from.map((name) => results.get(name) as Ref);
    let y = operate(g, layer, inputs, p.get(`${layer.name}.kernel`), batch);
    const bias = p.get(`${layer.name}.bias`);
    if (bias !== undefined) y = biasAdd(g, y, bias);
    results.set(layer.name, activate(g, layer.activation, y).y);
  }
  return results.get((network.layers.at(-1) as Layer).name) as Ref;
}

interface Trace {
  readonly layer: Layer;
  readonly inputs: readonly Ref[];
  /** What normalisation read. */
  readonly linear: Ref;
  readonly normalised: Normalised | undefined;
  /** What the activation read. */
  readonly before: Ref;
  readonly saved: Ref;
}

/** A forward pass that normalises by its batch, with what the backward pass needs. */
export interface TrainingForward {
  readonly logits: Ref;
  /** Moving statistics after this batch, by parameter name. */
  readonly statistics: ReadonlyMap<string, Ref>;
  readonly traces: readonly Trace[];
  readonly mask: Ref | undefined;
}

/** @param mask multiplies the classifier's inputs (dropout) */
export function trainingForward(
  g: Graph,
  network: Network,
  p: Parameters,
  input: Ref,
  batch: number,
  norm: NormRecipe,
  mask: Ref | undefined,
): TrainingForward {
  const results = new Map<string, Ref>([['input', input]]);
  const statistics = new Map<string, Ref>();
  const traces: Trace[] = [];
  const last = network.layers.at(-1) as Layer;
  for (const layer of network.layers) {
    let inputs = layer.from.map((name) => results.get(name) as Ref);
    if (layer === last && mask !== undefined) inputs = [multiply(g, inputs[0] as Ref, mask)];
    const of = (role: string) => p.get(`${layer.name}.${role}`);
    let linear = operate(g, layer, inputs, of('kernel'), batch);
    const bias = of('bias');
    if (bias !== undefined) linear = biasAdd(g, linear, bias);
    let normalised: Normalised | undefined;
    let before = linear;
    if (layer.norm) {
      linear = asMap(g, linear, layer.out, batch);
      const [scale, offset, mean, variance] = ['scale', 'offset', 'mean', 'variance'].map(of) as Ref[];
      normalised = normalise(
        g,
        linear,
        { scale: scale as Ref, offset: offset as Ref, mean: mean as Ref, variance: variance as Ref },
        norm.epsilon,
        norm.momentum,
      );
      statistics.set(`${layer.name}.mean`, normalised.mean);
      statistics.set(`${layer.name}.variance`, normalised.variance);
      before = asResult(g, normalised.y, layer.out, batch);
    }
    const { y, saved } = activate(g, layer.activation, before);
    traces.push({ layer, inputs, linear, normalised, before, saved });
    results.set(layer.name, y);
  }
  return { logits: results.get(last.name) as Ref, statistics, traces, mask };
}

type Term = OperationGradient['inputs'][number];

/** Gradients of all trained parameters by name, from the gradient of the logits. */
export function backward(
  g: Graph,
  forward: TrainingForward,
  p: Parameters,
  dLogits: Ref,
  batch: number,
  epsilon: number,
): ReadonlyMap<string, Ref> {
  const gradients = new Map<string, Ref>();
  const terms = new Map<string, Term[]>();
  const last = (forward.traces.at(-1) as Trace).layer;
  terms.set(last.name, [{ ref: dLogits, spread: false }]);
  for (const { layer, inputs, linear, normalised, before, saved } of forward.traces.toReversed()) {
    const arrived = terms.get(layer.name);
    if (arrived === undefined) throw new RangeError(`nothing reads ${layer.name}`);
    let dy = total(g, arrived, layer, batch);
    dy = activationGradient(g, layer.activation, dy, before, saved);
    if (normalised !== undefined) {
      const scale = p.get(`${layer.name}.scale`) as Ref;
      const map = asMap(g, dy, layer.out, batch);
      const d = normaliseGradient(g, map, linear, scale, normalised.reserve, epsilon);
      gradients.set(`${layer.name}.scale`, d.scale);
      gradients.set(`${layer.name}.offset`, d.offset);
      dy = asResult(g, d.x, layer.out, batch);
    }
    if (p.has(`${layer.name}.bias`)) gradients.set(`${layer.name}.bias`, biasAddGradient(g, dy));
    const kernel = p.get(`${layer.name}.kernel`);
    const wanted = layer.from.some((name) => name !== 'input');
    if (kernel === undefined && !wanted) continue;
    const d = operateGradient(g, layer, inputs, kernel, dy, batch, wanted);
    if (d.kernel !== undefined) gradients.set(`${layer.name}.kernel`, d.kernel);
    for (const [index, term] of d.inputs.entries()) {
      const name = layer.from[index] as string;
      if (name === 'input') continue;
      const masked = layer === last && forward.mask !== undefined;
      const ref = masked ? multiply(g, term.ref, forward.mask) : term.ref;
      terms.set(name, [...(terms.get(name) ?? []), { ...term, ref }]);
    }
  }
  return gradients;
}

/** Sum of what arrives at a layer's result. */
function total(g: Graph, terms: readonly Term[], layer: Layer, batch: number): Ref {
  const full = terms.filter(({ spread }) => !spread).map(({ ref }) => ref);
  const spread = terms.filter((term) => term.spread).map(({ ref }) => ref);
  if (spread.length === 0) return sum(g, full);
  const same = sum(g, spread);
  if (full.length > 0) return add(g, sum(g, full), same);
  if (isFlat(layer.out)) return same;
  return g.node('BroadcastTo', [same, g.ints(...dimensions(layer.out, batch))], {
    T: attribute.type(DType.float),
    Tidx: attribute.type(DType.int32),
  });
}
