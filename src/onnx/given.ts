import { ElementType } from './format.js';
import type { Given } from './operators.js';
import type { Value } from './value.js';

export interface DecodedAttribute {
  readonly name?: string;
  readonly type?: number;
  readonly f?: number;
  readonly i?: number;
  readonly ints?: readonly number[];
}

/** ONNX's numbers of the kinds of attributes (AttributeProto.AttributeType), and where each has its value. */
const KINDS: Readonly<Partial<Record<number, 'f' | 'i' | 'ints'>>> = { 1: 'f', 2: 'i', 7: 'ints' };

/**
 * What a rule of `operators.ts` takes, of a node that has attributes of these names only.
 * @throws RangeError for others, for one given twice or of another kind
 */
export function givenOf(
  inputs: readonly Value[],
  attributes: readonly DecodedAttribute[],
  names: readonly string[],
): Given {
  const known = new Map<string, readonly number[]>();
  for (const attribute of attributes) {
    const { name = '', type = 0 } = attribute;
    if (!names.includes(name) || known.has(name)) throw new RangeError(`attribute ${JSON.stringify(name)}`);
    const kind = KINDS[type];
    const others = (['f', 'i', 'ints'] as const).filter(
      (one) => one !== kind && attribute[one] !== undefined,
    );
    if (kind === undefined || others.length > 0) throw new RangeError(`attribute ${name} of another kind`);
    const values = [attribute[kind] ?? 0].flat();
    if (kind !== 'f' && !values.every((value) => Number.isSafeInteger(value)))
      throw new RangeError(`attribute ${name} that makes no sense`);
    if (name === 'to' && values[0] !== ElementType.float) throw new RangeError('a type other than float');
    known.set(name, values);
  }
  return {
    inputs,
    ints(name, count, fallback) {
      const values = known.get(name) ?? fallback;
      if (values?.length !== count)
        throw new RangeError(`attribute ${name} that is not ${count} whole numbers`);
      return values;
    },
  };
}
