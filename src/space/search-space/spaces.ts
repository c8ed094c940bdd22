import { NasError, deepFreeze, digest, unknownName } from '../../core/index.js';
import type { Architecture, Block } from '../architecture/architecture.js';
import { BACKBONE_SPACE, MNASNET_SPACE, MOBILENETV3_SPACE } from './builtin-spaces.js';
import { checkArchitecture } from '../architecture/check.js';
import { spaceDefinition, type SpaceDefinition, type SpaceDefinitionInput } from './definition.js';
import { valuesOf } from './encode.js';
import { blocksOf } from './interpret.js';
import { planSpace, type Plan, type Value } from './plan.js';
import type { Choice, Genome, SearchSpace, Task } from './search-space.js';
import { isSpatial } from '../architecture/skip.js';
import { checkTask } from '../architecture/task.js';
import { formatArchitecture } from '../architecture/text.js';

/** Raised whenever {@link blocksOf} gives a genome another meaning. */
const SEMANTICS = 1;

const BUILT_IN: Readonly<Record<string, SpaceDefinitionInput>> = {
  mnasnet: MNASNET_SPACE,
  mobilenetv3: MOBILENETV3_SPACE,
  backbone: BACKBONE_SPACE,
};

/** Search spaces that need no file. */
export const spaceNames: readonly string[] = Object.keys(BUILT_IN);

/**
 * A built-in space for a task.
 * @throws NasError `NAS_UNKNOWN_SPACE`, `NAS_BAD_TASK`
 */
export function searchSpace(name: string, task: Task): SearchSpace {
  const definition = Object.hasOwn(BUILT_IN, name) ? BUILT_IN[name] : undefined;
  if (!definition) throw unknownName('search space', name, spaceNames, 'NAS_UNKNOWN_SPACE');
  return spaceFromDefinition(spaceDefinition.parse(definition), task);
}

/**
 * The space that a checked definition means for a task. Some genes have no effect with others (an expansion
 * under `dconv`, squeeze-and-excite under `conv`, a skip whose shapes do not fit), so several genomes may decode
 * to one architecture: `encode` returns the first of them in the order of choices and options, and
 * `decode(encode(decode(genome)))` always equals `decode(genome)`.
 */
export function spaceFromDefinition(definition: SpaceDefinition, task: Task): SearchSpace {
  checkTask(task);
  const plan = planSpace(definition, task);
  const fields = plan.parts.flatMap((part) => part.fields);
  const choices: readonly Choice[] = deepFreeze(fields.filter((field) => field.options.length > 1));
  const constants = fields.filter((field) => field.options.length === 1);
  return Object.freeze<SearchSpace>({
    name: definition.name,
    task: deepFreeze({ input: [...task.input] as const, classes: task.classes }),
    digest: digest({ semantics: SEMANTICS, definition, task: { input: task.input, classes: task.classes } }),
    choices,
    size: choices.reduce((product, choice) => product * BigInt(choice.options.length), 1n),
    sample: (rng) => Object.freeze(choices.map((choice) => rng.integer(choice.options.length))),
    decode(genome) {
      checkGenome(genome, choices);
      const values = new Map<string, Value>();
      for (const field of constants) values.set(field.name, field.options[0] as Value);
      for (const [index, choice] of choices.entries())
        values.set(choice.name, choice.options[genome[index] as number] as Value);
      return build(plan, values);
    },
    encode(architecture) {
      const { input } = plan.task;
      const last = architecture.blocks.at(-1);
      const fits =
        architecture.input.every((side, index) => side === input[index]) &&
        last?.kind === 'fc' &&
        last.channels === task.classes;
      const values = fits ? valuesOf(plan, architecture) : undefined;
      if (!values) throw notInSpace(definition.name, architecture);
      return Object.freeze(choices.map((choice) => choice.options.indexOf(values.get(choice.name) as Value)));
    },
  });
}

function build(plan: Plan, values: ReadonlyMap<string, Value>): Architecture {
  const blocks: Block[] = [];
  let channels = plan.task.input[2];
  for (const part of plan.parts) {
    blocks.push(...blocksOf(part, values, channels));
    channels = blocks.findLast(isSpatial)?.channels ?? channels;
  }
  blocks.push({ kind: 'fc', channels: plan.task.classes, activation: 'id' });
  return deepFreeze(checkArchitecture({ version: 1, input: [...plan.task.input], blocks }));
}

function checkGenome(genome: Genome, choices: readonly Choice[]): void {
  const bad = (found: string, expected: string) => new NasError({ code: 'NAS_BAD_GENOME', found, expected });
  if (genome.length !== choices.length)
    throw bad(`a genome of ${genome.length} genes`, `${choices.length} genes`);
  for (const [index, choice] of choices.entries()) {
    const gene = genome[index] as number;
    if (!Number.isInteger(gene) || gene < 0 || gene >= choice.options.length)
      throw bad(
        `gene ${index} (${choice.name}) is ${String(gene)}`,
        `a whole number from 0 to ${choice.options.length - 1}`,
      );
  }
}

function notInSpace(name: string, architecture: Architecture): NasError {
  const text = formatArchitecture(architecture);
  return new NasError({
    code: 'NAS_NOT_IN_SPACE',
    found: `an architecture outside of space ${name}: ${text.length > 80 ? `${text.slice(0, 80)}…` : text}`,
    expected: 'one that a genome of the space decodes to',
  });
}
