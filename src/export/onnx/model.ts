import { fold, neededLayers, type Network, type Weights } from '../../network/index.js';
import { attribute, ElementType, encodeModel, type ValueInfo } from '../../onnx/index.js';
import { createGraph, type GraphBuilder, type Step } from './graph.js';
import { assumedRange, partsOf, quantised, type Graph, type Int8Options } from './int8.js';
import { lowerLayers, type GateKind } from './lower.js';
import { LOGITS, outputsOf, PROBABILITIES, type OnnxOutput } from './outputs.js';

/** Name of the input, and of the batch's dimension where it is free. */
export const ONNX_INPUT = 'images';
const FREE = 'N';

/**
 * What the input holds. `normalised`: float32 [N, C, H, W], (pixel/255 − mean)/deviation per channel. `unit`: float32
 * [N, C, H, W], pixel/255. `bytes`: uint8 [N, H, W, C], pixels as picture decoders give them. The last two put the
 * normalisation into the graph.
 */
export type PixelKind = 'normalised' | 'unit' | 'bytes';

export type Pixels =
  | { readonly kind: 'normalised' }
  | {
      readonly kind: 'unit' | 'bytes';
      readonly mean: readonly number[];
      readonly deviation: readonly number[];
    };

export interface OnnxOptions {
  /** Batch normalisation's epsilon, > 0. */
  readonly epsilon: number;
  /** Pictures per call; `N` leaves it to the program that runs the file. */
  readonly batch: number | 'N';
  /** See {@link outputsOf}. @default ['logits'] */
  readonly outputs?: readonly string[];
  /** @default normalised */
  readonly pixels?: Pixels;
  /** @default hard-sigmoid */
  readonly gate?: GateKind;
  /** Whole numbers of 8 bits; `assumed`: with made-up ranges, for measuring time. @default float32 */
  readonly int8?: Int8Options | 'assumed';
  /** Texts that travel with the file (`metadata_props`). */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Version of this package, written as the producer's. */
  readonly version?: string;
}

/**
 * A network as the bytes of an `.onnx` file (opset 17), batch normalisation folded. Input `images`, float32
 * [batch, C, H, W] unless `pixels` says otherwise; outputs by name, maps as [batch, C, H, W], vectors as [batch, C].
 * Layers that no output needs are left out.
 * @throws NasError `NAS_NO_FEATURE`, `NAS_UNKNOWN_OUTPUT`
 */
export function onnxModel(network: Network, weights: Weights, options: OnnxOptions): Uint8Array {
  const { batch, metadata = {}, version = '', int8 } = options;
  const { graph, outputs } = graphOf(network, weights, options);
  const precise = int8 === 'assumed' ? { range: assumedRange(graph), float: new Set<string>() } : int8;
  const free = batch === 'N' ? FREE : batch;
  return encodeModel({
    version,
    ...(precise === undefined ? graph : quantised(graph, precise)),
    inputs: [inputInfo(network, options.pixels ?? NORMALISED, free)],
    outputs: outputs.map(({ name, shape }) => ({ name, type: ElementType.float, shape: [free, ...shape] })),
    metadata,
  });
}

/** A network to be timed: a fixed batch; with `int8` in whole numbers whose ranges are assumed. */
export type TimedModel = (
  timed: { readonly network: Network; readonly weights: Weights },
  batch: number,
  int8?: boolean,
) => Uint8Array;

/** Writes networks to be timed. @param epsilon of batch normalisation */
export function timedModels(epsilon: number): TimedModel {
  return ({ network, weights }, batch, int8 = false) =>
    onnxModel(network, weights, { batch, epsilon, ...(int8 ? { int8: 'assumed' } : {}) });
}

/** A network whose every value can be looked at, to choose the ranges and parts of {@link Int8Options} by. */
export interface ObservedModel {
  /** The float network in an `.onnx` file that gives every value. */
  readonly bytes: Uint8Array;
  /** What can stay in float, see {@link partsOf}. */
  readonly parts: ReturnType<typeof partsOf>;
}

/** As {@link onnxModel} with a free batch, giving every value that is computed by its name. */
export function observedModel(
  network: Network,
  weights: Weights,
  options: Pick<OnnxOptions, 'epsilon' | 'outputs' | 'gate'>,
): ObservedModel {
  const { graph } = graphOf(network, weights, options);
  const values = graph.nodes.map(({ output: [name = ''] }) => name);
  const bytes = encodeModel({
    ...{ version: '', ...graph, inputs: [inputInfo(network, NORMALISED, FREE)], metadata: {} },
    outputs: values.map((name) => ({ name, type: ElementType.float })),
  });
  return { bytes, parts: partsOf(graph) };
}

const NORMALISED: Pixels = { kind: 'normalised' };

/**
 * A network's graph, to be built upon; `outputs` as in {@link OnnxOptions}, each a value of its name. Reads `images` with a batch of 1.
 */
export function networkGraph(
  network: Network,
  weights: Weights,
  options: Pick<OnnxOptions, 'epsilon' | 'outputs' | 'pixels'>,
): { readonly graph: GraphBuilder; readonly input: ValueInfo; readonly outputs: readonly OnnxOutput[] } {
  const { builder, outputs } = graphOf(network, weights, options);
  return { graph: builder, input: inputInfo(network, options.pixels ?? NORMALISED, 1), outputs };
}

function graphOf(
  network: Network,
  weights: Weights,
  {
    epsilon,
    outputs: names = [LOGITS],
    pixels = NORMALISED,
    gate,
  }: Partial<OnnxOptions> & Pick<OnnxOptions, 'epsilon'>,
): { readonly graph: Graph; readonly builder: GraphBuilder; readonly outputs: readonly OnnxOutput[] } {
  const folded = fold(network, weights, epsilon);
  const outputs = outputsOf(network, names);
  const graph = createGraph();
  const results = resultNames(outputs);
  const nameOf = (layer: string) => results.get(layer) ?? layer;
  const input = normalisation(graph, pixels);
  const wanted = neededLayers(
    network,
    outputs.map(({ layer }) => layer),
  );
  lowerLayers(graph, folded.network, folded.weights, wanted, input, nameOf, gate);
  for (const { name, layer } of outputs) {
    if (name === nameOf(layer)) continue;
    const step: Step =
      name === PROBABILITIES
        ? { op: 'Softmax', attributes: [attribute.integer('axis', -1)] }
        : { op: 'Identity' };
    graph.chain(name, [nameOf(layer)], [step], name);
  }
  const { nodes, initializers } = graph;
  const shown = new Set(outputs.map(({ name }) => name));
  return { graph: { nodes, initializers, input, outputs: shown }, builder: graph, outputs };
}

/** A layer's result is called what the first output that shows it is called. */
function resultNames(outputs: readonly OnnxOutput[]): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const { name, layer } of outputs)
    if (name !== PROBABILITIES && !names.has(layer)) names.set(layer, name);
  return names;
}

function inputInfo({ input }: Network, { kind }: Pixels, batch: number | string): ValueInfo {
  const [height, width, channels] = input;
  return kind === 'bytes'
    ? { name: ONNX_INPUT, type: ElementType.uint8, shape: [batch, height, width, channels] }
    : { name: ONNX_INPUT, type: ElementType.float, shape: [batch, channels, height, width] };
}

/** The value that the first layer reads. */
function normalisation(graph: GraphBuilder, pixels: Pixels): string {
  if (pixels.kind === 'normalised') return ONNX_INPUT;
  const unit = pixels.kind === 'bytes' ? 255 : 1;
  const perChannel = (name: string, values: readonly number[]) =>
    graph.constant(
      name,
      [1, values.length, 1, 1],
      values.map((value) => value * unit),
    );
  const bytes: readonly Step[] = [
    { op: 'Transpose', attributes: [attribute.integers('perm', [0, 3, 1, 2])] },
    { op: 'Cast', attributes: [attribute.integer('to', ElementType.float)] },
  ];
  const steps: readonly Step[] = [
    ...(pixels.kind === 'bytes' ? bytes : []),
    { op: 'Sub', constants: [perChannel('mean', pixels.mean)] },
    { op: 'Div', constants: [perChannel('deviation', pixels.deviation)] },
  ];
  graph.chain('normalise', [ONNX_INPUT], steps, 'normalised');
  return 'normalised';
}
