import { assertNever, deepFreeze, digest } from '../../core/index.js';
import type { Activation, Architecture, Block, Skip, SqueezeExcite, UniversalBlock } from './architecture.js';
import { badArchitecture, problemOf } from './check.js';
import { ACTIVATIONS, KERNELS, LIMITS } from './limits.js';

/**
 * The text form, one token per block:
 *
 *     nas1:224x224x3 cn_k3_s2_c16_hs ds_k3_s1_c16_re ir_k5_s2_e72_c40_se24_re gap fc_c1280_hs fc_c1000_id
 *
 * Header: version, then height×width×channels of the input; `_sym` behind it for symmetric padding. Fields of a block, in this order:
 * `cn_k_s_c_ACT[_SKIP]`, `ds_k_s_c[_se]_ACT[_pwACT][_SKIP]`, `ir_k_s_e_c[_se]_ACT[_SKIP]`,
 * `ui[_a][_k]_s_e_c_ACT[_SKIP]`, `gap`, `fc_c[_bn]_ACT`. `k` kernel, `a` kernel of the depthwise convolution before the
 * expansion (as timm writes it), `s` stride, `e` expansion, `c` channels, `seN` squeeze with a hard sigmoid, `seNsig` with a logistic
 * gate, `ACT` one of re r6 hs id, `pwACT` activation of the pointwise projection (left out: `id`), `SKIP` one of
 * `skippool`, `noskip` (left out: `id`). Each architecture has exactly one text.
 */
export function formatArchitecture(architecture: Architecture): string {
  const header = `nas1:${architecture.input.join('x')}${architecture.padding === 'symmetric' ? '_sym' : ''}`;
  return [header, ...architecture.blocks.map(formatBlock)].join(' ');
}

/** One block's token, e.g. `ir_k3_s1_e72_c24_re`. */
export function formatBlock(block: Block): string {
  switch (block.kind) {
    case 'gap':
      return 'gap';
    case 'fc':
      return `fc_c${block.channels}${block.norm ? '_bn' : ''}_${block.activation}`;
    case 'cn':
      return `cn_k${block.kernel}_s${block.stride}_c${block.channels}_${block.activation}${skipField(block.skip)}`;
    case 'ds': {
      const head = `ds_k${block.kernel}_s${block.stride}_c${block.channels}${squeezeField(block.squeeze)}`;
      const pointwise = block.pointwise === 'id' ? '' : `_pw${block.pointwise}`;
      return `${head}_${block.activation}${pointwise}${skipField(block.skip)}`;
    }
    case 'ir': {
      const head = `ir_k${block.kernel}_s${block.stride}_e${block.expansion}_c${block.channels}`;
      return `${head}${squeezeField(block.squeeze)}_${block.activation}${skipField(block.skip)}`;
    }
    case 'ui': {
      const start = block.start === null ? '' : `_a${block.start}`;
      const middle = block.kernel === null ? '' : `_k${block.kernel}`;
      const head = `ui${start}${middle}_s${block.stride}_e${block.expansion}_c${block.channels}`;
      return `${head}_${block.activation}${skipField(block.skip)}`;
    }
    default:
      return assertNever(block);
  }
}

function squeezeField(squeeze: SqueezeExcite | null): string {
  if (squeeze === null) return '';
  return `_se${squeeze.channels}${squeeze.gate === 'sig' ? 'sig' : ''}`;
}

function skipField(skip: Skip): string {
  return skip === 'id' ? '' : skip === 'pool' ? '_skippool' : '_noskip';
}

/** Digest of the text form: equal architectures, equal digest. */
export function digestOf(architecture: Architecture): string {
  return digest(formatArchitecture(architecture));
}

/**
 * Reads the text form; white space between tokens is free.
 * @throws NasError `NAS_BAD_ARCHITECTURE` with the character (from 1), what was found and what was allowed
 */
export function parseArchitecture(text: string): Architecture {
  if (text.length > LIMITS.text)
    throw badArchitecture(
      { block: null, found: `a text of ${text.length} characters`, expected: `at most ${LIMITS.text}` },
      '',
    );
  const tokens = [...text.matchAll(/\S+/g)];
  const header = parseHeader(tokens[0]?.[0] ?? '', (tokens[0]?.index ?? 0) + 1);
  const rest = tokens.slice(1);
  const blocks = rest.map((token, index) => parseBlock(token[0], index, token.index + 1));
  const architecture: Architecture = { version: 1, ...header, blocks };
  const problem = problemOf(architecture);
  if (problem) {
    const token = problem.block === null ? undefined : rest[problem.block];
    throw badArchitecture(problem, token ? `, character ${token.index + 1}` : '');
  }
  return deepFreeze(architecture);
}

function parseHeader(token: string, character: number): Pick<Architecture, 'input' | 'padding'> {
  const match = /^nas1:([1-9]\d{0,5})x([1-9]\d{0,5})x([1-9]\d{0,5})(_sym)?$/.exec(token);
  if (match) {
    const input = [Number(match[1]), Number(match[2]), Number(match[3])] as const;
    return match[4] === undefined ? { input } : { input, padding: 'symmetric' };
  }
  throw badArchitecture(
    {
      block: null,
      found: `${quote(token)} at character ${character}`,
      expected:
        'the header "nas1:HEIGHTxWIDTHxCHANNELS", e.g. "nas1:224x224x3", with "_sym" for symmetric padding',
    },
    '',
  );
}

/** Reads the fields of one token from left to right. */
interface Fields {
  /** A field that must be there, e.g. `k3` for the prefix `k`. */
  number(prefix: string, allowed: readonly number[] | number): number;
  /** The same where the field may be left out: null. */
  optionalNumber(prefix: string, allowed: readonly number[]): number | null;
  /** A field of a list, or undefined when `optional` and the next field is none of them. */
  word<T extends string>(allowed: readonly T[]): T;
  optionalWord<T extends string>(allowed: readonly T[]): T | undefined;
  squeeze(): SqueezeExcite | null;
  end(): void;
}

function fieldsOf(token: string, block: number, character: number): Fields {
  const fields = token.split('_');
  let at = 0;
  let column = character;
  /** Allowed optional words that were passed over since the last field was taken: they belong in a message. */
  let passed: string[] = [];
  const fail = (expected: string): never => {
    const found = at < fields.length ? quote(fields[at] ?? '') : `the end of ${quote(token)}`;
    throw badArchitecture({ block, found, expected }, `, character ${column}`);
  };
  const list = (words: readonly string[]) =>
    `one of ${[...passed, ...words].map((word) => `"${word}"`).join(', ')}`;
  const take = () => {
    column += (fields[at] ?? '').length + 1;
    at++;
    passed = [];
  };
  const optionalWord = <T extends string>(allowed: readonly T[]): T | undefined => {
    const word = allowed.find((item) => item === fields[at]);
    if (word === undefined) passed.push(...allowed);
    else take();
    return word;
  };
  const optionalNumber = (prefix: string, allowed: readonly number[]): number | null => {
    const word = optionalWord(allowed.map((item) => `${prefix}${item}`));
    return word === undefined ? null : Number(word.slice(prefix.length));
  };
  return {
    optionalNumber,
    number(prefix, allowed) {
      const field = fields[at] ?? '';
      const digits = field.startsWith(prefix) ? field.slice(prefix.length) : '';
      const value = /^[1-9]\d{0,5}$/.test(digits) ? Number(digits) : 0;
      const fits = typeof allowed === 'number' ? value >= 1 && value <= allowed : allowed.includes(value);
      if (!fits)
        return fail(
          typeof allowed === 'number'
            ? `"${prefix}" with a whole number from 1 to ${allowed}`
            : list(allowed.map((item) => `${prefix}${item}`)),
        );
      take();
      return value;
    },
    word: (allowed) => {
      const before = [...passed];
      const word = optionalWord(allowed);
      if (word !== undefined) return word;
      passed = before;
      return fail(list(allowed));
    },
    optionalWord,
    squeeze() {
      const field = fields[at] ?? '';
      const match = /^se([1-9]\d{0,5})(sig)?$/.exec(field);
      const channels = Number(match?.[1] ?? 0);
      if (!match || channels > LIMITS.width) {
        if (/^se/.test(field))
          return fail(`"seN" or "seNsig" with N from 1 to ${LIMITS.width}, e.g. "se24" or "se24sig"`);
        passed.push('seN', 'seNsig');
        return null;
      }
      take();
      return { channels, gate: match[2] === 'sig' ? 'sig' : 'hsig' };
    },
    end() {
      if (at < fields.length) fail(passed.length > 0 ? `${list([])} or a space` : 'a space or the end');
    },
  };
}

const KINDS = ['cn', 'ds', 'ir', 'ui', 'gap', 'fc'] as const;
const POINTWISE: Readonly<Record<string, Activation>> = { pwre: 're', pwr6: 'r6', pwhs: 'hs' };

function parseBlock(token: string, index: number, character: number): Block {
  const fields = fieldsOf(token, index, character);
  const kind = fields.word(KINDS);
  const block = parseKind(kind, fields);
  fields.end();
  return block;
}

function parseKind(kind: (typeof KINDS)[number], fields: Fields): Block {
  if (kind === 'gap') return { kind };
  if (kind === 'fc') {
    const channels = fields.number('c', LIMITS.dense);
    const norm = fields.optionalWord(['bn']) === undefined ? {} : { norm: true as const };
    return { kind, channels, activation: fields.word(ACTIVATIONS), ...norm };
  }
  if (kind === 'ui') return parseUniversal(fields);
  const kernel = fields.number('k', KERNELS);
  const stride = fields.number('s', [1, 2]) as 1 | 2;
  switch (kind) {
    case 'cn': {
      const channels = fields.number('c', LIMITS.width);
      const activation = fields.word(ACTIVATIONS);
      return { kind, kernel, stride, channels, activation, skip: parseSkip(fields) };
    }
    case 'ds': {
      const channels = fields.number('c', LIMITS.width);
      const squeeze = fields.squeeze();
      const activation = fields.word(ACTIVATIONS);
      const pointwise = POINTWISE[fields.optionalWord(Object.keys(POINTWISE)) ?? ''] ?? 'id';
      return { kind, kernel, stride, channels, activation, pointwise, squeeze, skip: parseSkip(fields) };
    }
    case 'ir': {
      const expansion = fields.number('e', LIMITS.width);
      const channels = fields.number('c', LIMITS.width);
      const squeeze = fields.squeeze();
      const activation = fields.word(ACTIVATIONS);
      return { kind, kernel, stride, expansion, channels, activation, squeeze, skip: parseSkip(fields) };
    }
    default:
      return assertNever(kind);
  }
}

function parseUniversal(fields: Fields): UniversalBlock {
  const start = fields.optionalNumber('a', KERNELS);
  const kernel = fields.optionalNumber('k', KERNELS);
  const stride = fields.number('s', [1, 2]) as 1 | 2;
  const expansion = fields.number('e', LIMITS.width);
  const channels = fields.number('c', LIMITS.width);
  const activation = fields.word(ACTIVATIONS);
  return { kind: 'ui', start, kernel, stride, expansion, channels, activation, skip: parseSkip(fields) };
}

function parseSkip(fields: Fields): Skip {
  const word = fields.optionalWord(['skippool', 'noskip']);
  return word === 'skippool' ? 'pool' : word === 'noskip' ? 'no' : 'id';
}

function quote(token: string): string {
  return JSON.stringify(token.length > 40 ? `${token.slice(0, 40)}…` : token);
}
