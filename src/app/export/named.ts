import { join } from 'node:path';
import { createRng, NasError, readPlainFileSync } from '../../core/index.js';
import {
  architectureJson,
  exporterFor,
  onnxExporter,
  type DescribedNetwork,
  type OnnxExportOptions,
} from '../../export/index.js';
import {
  buildNetwork,
  decodeWeights,
  initialWeights,
  isOwnWeights,
  textOfWeights,
  type LibraryName,
} from '../../network/index.js';
import {
  checkArchitecture,
  classesOf,
  formatArchitecture,
  parseArchitecture,
  withClasses,
  type Architecture,
} from '../../space/index.js';
import { quickRecipe } from '../../train/index.js';
import { packageVersion, type Places } from '../environment.js';
import { isArchive, outsideWeights, type OutsideWeights } from '../outside-weights.js';
import { resolveArchitecture } from '../resolve.js';
import { compareExport } from './check.js';
import { quantise } from './int8/quantise.js';
import type { Exported } from './phase.js';
import { requireRoom, writeArtifacts } from './write-artifacts.js';

export interface NamedExport {
  /** A preset, a text form or a file, as `nas arch` takes it. */
  readonly network: string;
  readonly format: string;
  readonly out: string;
  /** Height, width and channels; null: of a text or file its own, of a preset 224×224×3. */
  readonly input: readonly [number, number, number] | null;
  /** Null: of a text or file its own, of a preset 1000. */
  readonly classes: number | null;
  /** A file that a study wrote (`checkpoints/trial-N.weights`), or a safetensors file of another library; null for random weights. */
  readonly weights: string | null;
  /** Whose weights they are; recognized unless given. */
  readonly library?: LibraryName | undefined;
  /** Of random weights. */
  readonly seed: string;
  /** Normalisation of the pictures; null for mean 0 and deviation 1. */
  readonly mean: readonly number[] | null;
  readonly deviation: readonly number[] | null;
  /** Run the exported network and hold it against our own forward pass. */
  readonly verify: boolean;
  /** What only the format `onnx` knows. */
  readonly onnx: OnnxExportOptions;
  /** Of the format `onnx`: whole numbers of 8 bits, with ranges of random pixels. */
  readonly int8?: boolean;
}

export interface NamedExported extends Exported {
  /** Where the weights are from, and what was changed to fit them. */
  readonly notice: string | null;
}

/**
 * Writes a network that belongs to no study, with random weights or those of a file.
 * @throws NasError what {@link resolveArchitecture} finds, `NAS_BAD_WEIGHTS`, `NAS_BAD_NORMALISATION`, `NAS_FOLDER_IN_USE`,
 *   `NAS_EXPORT_DIFFERS`
 */
export async function exportNamed(places: Places, requested: NamedExport): Promise<NamedExported> {
  const exporter = requested.format === 'onnx' ? onnxExporter(requested.onnx) : exporterFor(requested.format);
  const { architecture: named, name } = architectureOf(requested);
  const { architecture, weights, notice } = weightsOf(named, requested);
  const described = describedNetwork(architecture, name ?? null, requested);
  const trained = { ...described, weights };
  const artifacts = exporter.format === 'json' ? architectureJson(described) : exporter.export(trained);
  requireRoom(requested.out, artifacts);
  const own = { places, flavour: 'cpu' } as const;
  const checked = requested.verify
    ? await compareExport(exporter.format, artifacts, trained, requested.onnx, own)
    : { difference: null, unchecked: null };
  const int8 = requested.int8 === true ? await quantise(trained, requested.onnx, null) : null;
  writeArtifacts(requested.out, int8?.artifacts ?? artifacts);
  const files = artifacts.map(({ path }) => join(requested.out, path));
  return { folder: requested.out, files, verified: null, ...checked, int8: int8?.facts ?? null, notice };
}

/** The named architecture for the asked picture size and classes, which texts and files have already. */
function architectureOf({ network, input, classes }: NamedExport) {
  const { architecture, name } = resolveArchitecture(network, {
    input: input ?? [224, 224, 3],
    classes: classes ?? 1000,
  });
  if (name !== undefined) return { architecture, name };
  const adapted = classes === null ? architecture : withClasses(architecture, classes);
  return { architecture: checkArchitecture({ ...adapted, input: input ?? adapted.input }), name };
}

function describedNetwork(
  architecture: Architecture,
  name: string | null,
  { weights, seed, mean, deviation }: NamedExport,
): DescribedNetwork {
  const channels = architecture.input[2];
  const perChannel = (given: readonly number[] | null, otherwise: number) => {
    const values = given ?? Array.from({ length: channels }, () => otherwise);
    if (values.length === channels) return values;
    throw new NasError({
      code: 'NAS_BAD_NORMALISATION',
      found: `${values.length} numbers for pictures of ${channels} channels`,
      expected: 'one number per channel in --mean and in --deviation',
    });
  };
  return {
    architecture,
    epsilon: quickRecipe.norm.epsilon,
    mean: perChannel(mean, 0),
    deviation: perChannel(deviation, 1),
    classes: Array.from({ length: classesOf(architecture) }, (_, i) => String(i)),
    ...{ study: null, trial: null, accuracy: null, evaluationSplit: null, data: null, latency: null },
    named: { name, weights: weights === null ? `random, seed ${seed}` : 'of a file' },
    versions: { 'platform-nas': packageVersion() },
  };
}

function weightsOf(
  architecture: Architecture,
  { weights: file, seed, library }: NamedExport,
): Omit<OutsideWeights, 'notice'> & Pick<NamedExported, 'notice'> {
  const rng = createRng(seed).fork('export');
  if (file === null)
    return { architecture, weights: initialWeights(buildNetwork(architecture), rng), notice: null };
  const bytes = readWeights(file);
  if (library !== undefined || isArchive(bytes) || !isOwnWeights(bytes))
    return outsideWeights(bytes, architecture, { epsilon: quickRecipe.norm.epsilon, rng, library });
  const weights = decodeWeights(bytes, buildNetwork(architecture));
  const text = textOfWeights(bytes);
  // The same shapes may belong to other activations, strides or skips.
  if (text !== '' && !sameButForInput(parseArchitecture(text), architecture))
    throw new NasError({
      code: 'NAS_BAD_WEIGHTS',
      found: `weights of another network, ${text.slice(0, 120)}`,
      expected: `weights of ${formatArchitecture(architecture).slice(0, 120)}`,
      fix: 'name the architecture that the weights were trained with',
    });
  return { architecture, weights, notice: null };
}

function sameButForInput(one: Architecture, other: Architecture): boolean {
  return formatArchitecture({ ...one, input: other.input }) === formatArchitecture(other);
}

function readWeights(file: string): Uint8Array {
  try {
    return readPlainFileSync(file);
  } catch (cause) {
    if (cause instanceof NasError) throw cause;
    throw new NasError({
      code: 'NAS_NO_WEIGHTS',
      found: `${file} cannot be read`,
      expected:
        'a weight file of a study (checkpoints/trial-N.weights), or a safetensors file of another library',
      fix: 'leave --weights out for random weights',
      cause,
    });
  }
}
