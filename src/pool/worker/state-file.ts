import { createHash } from 'node:crypto';
import { slotsOf, type ProgramState, type Slot, type StepRecipe } from '../../backends/index.js';
import { canonical, isNasError, type JsonObject } from '../../core/index.js';
import { encodeTensors, parseHeader, readFloats, type Network, type Weights } from '../../network/index.js';
import type { SavedTraining } from '../../train/index.js';
import { stateHeaderSchema } from './state-header.js';

const FORMAT = 'platform-nas-training-1';

/** What a training state belongs to: each field must be the same for it to be resumed. */
export type StateOwner = JsonObject;

/**
 * A training state as a safetensors file: the numbers of `SLOT/PARAMETER`, and in `__metadata__` the `format`, `state`
 * ({@link stateHeaderSchema} as JSON) and `sha256` of the text of `state` followed by the numbers' bytes.
 */
export function encodeTrainingState(network: Network, saved: SavedTraining, of: StateOwner): Uint8Array {
  const { program, ...rest } = saved;
  const state = JSON.stringify(stateHeaderSchema.parse({ of, ...rest }));
  const shapes = new Map(network.parameters.map(({ name, shape }) => [name, shape]));
  const tensors = [...program.slots].flatMap(([slot, values]) =>
    [...values].map(([name, numbers]) => ({
      name: `${slot}/${name}`,
      shape: shapes.get(name) ?? [numbers.length],
      values: numbers,
    })),
  );
  return encodeTensors(tensors, (data) => ({ format: FORMAT, state, sha256: checksum(state, data) }));
}

/**
 * The training in a file's bytes, which are not trusted, or why it cannot be resumed: the file is damaged, of another
 * format, or belongs to another training than `of`.
 */
export function decodeTrainingState(
  bytes: Uint8Array,
  network: Network,
  recipe: Pick<StepRecipe, 'optimiser' | 'emaDecay'>,
  of: StateOwner,
): SavedTraining | { readonly problem: string } {
  try {
    const { metadata, tensors, start } = parseHeader(bytes);
    const data = bytes.subarray(start);
    const [format = '', state = ''] = [metadata.get('format'), metadata.get('state')];
    if (format !== FORMAT) return { problem: `its format is not ${FORMAT}` };
    if (metadata.get('sha256') !== checksum(state, data)) return { problem: 'it is damaged' };
    const header = stateHeaderSchema.safeParse(JSON.parse(state));
    if (!header.success) return { problem: 'its header is not one of this version' };
    const { of: owner, ...rest } = header.data;
    const other = [...new Set([...Object.keys(of), ...Object.keys(owner)])].find(
      (key) => canonical(owner[key]) !== canonical(of[key]),
    );
    if (other !== undefined) return { problem: `it belongs to another ${spaced(other)}` };
    const slots = new Map<Slot, Weights>();
    let read = 0;
    for (const [slot, parameters] of slotsOf(network, recipe)) {
      const values = new Map<string, Float32Array>();
      for (const { name, shape } of parameters) {
        const tensor = tensors.get(`${slot}/${name}`);
        if (tensor?.shape.join() !== shape.join()) return { problem: `${slot} of ${name} is missing` };
        values.set(name, readFloats(data.subarray(tensor.begin, tensor.end)));
        read++;
      }
      slots.set(slot, values);
    }
    if (read !== tensors.size) return { problem: 'it has numbers of another network' };
    const program: ProgramState = { steps: rest.step, slots };
    return { ...rest, program };
  } catch (error) {
    if (isNasError(error)) return { problem: `it is damaged (${error.found})` };
    if (error instanceof SyntaxError) return { problem: 'its header is not JSON' };
    throw error;
  }
}

function checksum(state: string, data: Uint8Array): string {
  return createHash('sha256').update(state).update('\0').update(data).digest('hex');
}

/** `evaluationSplit` as `evaluation split`. */
const spaced = (name: string): string => name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
