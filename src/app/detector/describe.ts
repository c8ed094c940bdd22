import { NasError } from '../../core/index.js';
import {
  backboneOf,
  checkDetectorInput,
  DEFAULT_SIZES,
  describeDetector,
  hgnetL,
  LEVELS,
  RTDETR_L,
  withHalfLastStage,
  withoutLastExpansion,
  type DetectorDescription,
} from '../../detector/index.js';
import { checkArchitecture, parseArchitecture, type Architecture } from '../../space/index.js';
import type { Places } from '../environment.js';
import { requireTrial } from '../refine/phase.js';
import { resolveArchitecture } from '../resolve.js';
import { readMeantStudy } from '../study/studies.js';

/** How a network becomes a detector's backbone. */
export interface BackboneChoice {
  /** Height and width of the pictures, multiples of 32. */
  readonly input: readonly [number, number];
  /** Maps that the encoder reads: 3 to 5, rising by one. */
  readonly levels: readonly number[];
  /** C5 in front of or behind the 1×1 convolution that widens the last map. */
  readonly lastStage: 'expanded' | 'unexpanded';
  /** Half the channels behind C4. */
  readonly half: boolean;
}

export interface DetectorOptions extends BackboneChoice {
  readonly classes: number;
  readonly hidden: number;
  readonly decoderLayers: number;
  /** Study of a trial; null: the newest. */
  readonly study: string | null;
}

export const DETECTOR_DEFAULTS = {
  ...{ classes: DEFAULT_SIZES.classes, hidden: DEFAULT_SIZES.hidden },
  ...{ decoderLayers: DEFAULT_SIZES.decoderLayers, levels: LEVELS },
  backbone: RTDETR_L,
} as const;

/**
 * RT-DETR on what a user names as a backbone: `rtdetr-l` for its own one, a trial's number, or what
 * {@link resolveArchitecture} takes.
 * @throws NasError `NAS_BAD_DETECTOR_INPUT`, `NAS_BAD_HIDDEN_SIZE`, `NAS_NO_FEATURE`, `NAS_NO_LAST_EXPANSION`, and what
 * finding the network finds
 */
export function detectorOf(given: string, options: DetectorOptions, where: Places): DetectorDescription {
  const { input, levels, classes, hidden, decoderLayers } = options;
  checkDetectorInput(input);
  const backbone =
    given === RTDETR_L
      ? hgnetL(input, requireAsPublished(options).levels)
      : backboneOf(...backboneNamed(given, options, where), levels);
  return describeDetector(backbone, input, { ...DEFAULT_SIZES, classes, hidden, decoderLayers });
}

function requireAsPublished(options: BackboneChoice): BackboneChoice {
  if (options.lastStage === 'expanded' && !options.half) return options;
  throw new NasError({
    code: 'NAS_NO_LAST_EXPANSION',
    found: `another last stage for ${RTDETR_L}`,
    expected: 'its own backbone as published',
    fix: 'leave --last-stage and --half-last-stage out, or name another backbone',
  });
}

/** Its name and its architecture at the detector's picture size. */
export function backboneNamed(
  given: string,
  options: DetectorOptions,
  where: Places,
): [string, Architecture] {
  const { input } = options;
  const { architecture, name } = architectureNamed(given, options, where);
  return [
    name,
    asBackbone(checkArchitecture({ ...architecture, input: [...input, architecture.input[2]] }), options),
  ];
}

function architectureNamed(given: string, { input, study }: DetectorOptions, where: Places) {
  if (/^\d+$/.test(given)) {
    using reader = readMeantStudy(where, study ?? undefined);
    const trial = requireTrial(reader, Number(given));
    return {
      architecture: parseArchitecture(trial.text),
      name: `trial ${trial.id} of ${reader.study.name}`,
    };
  }
  const task = { input: [...input, 3] as const, classes: 1000 };
  const { architecture, name } = resolveArchitecture(given, task);
  return { architecture, name: name ?? 'the given architecture' };
}

function asBackbone(architecture: Architecture, { lastStage, half }: BackboneChoice): Architecture {
  const whole = half ? withHalfLastStage(architecture) : architecture;
  return lastStage === 'unexpanded' ? withoutLastExpansion(whole) : whole;
}
