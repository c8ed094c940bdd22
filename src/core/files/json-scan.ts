/** Where a text stops being the JSON that is wanted; `at` is an offset. */
export interface JsonFault {
  readonly at: number;
  readonly problem: string;
}

interface Level {
  /** Keys so far; null in a list. */
  readonly keys: Set<string> | null;
}

const SPACE = /[ \t\r\n]*/y;
const SCALAR = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;

/**
 * What is wrong with a JSON text, undefined for nothing. In addition to the grammar (RFC 8259): a key that one object has twice,
 * of which `JSON.parse` takes the last without a word, and nesting deeper than `mostDepth`. Takes time in proportion to
 * the text, and no stack.
 */
export function jsonFault(text: string, mostDepth: number): JsonFault | undefined {
  const levels: Level[] = [];
  let at = 0;
  const skip = (form: RegExp): boolean => {
    form.lastIndex = at;
    if (!form.test(text)) return false;
    at = form.lastIndex;
    return true;
  };
  const fault = (problem: string): JsonFault => ({ at, problem });
  const met = (): string =>
    at >= text.length ? 'the text ends' : `${JSON.stringify(text.charAt(at))} stands`;

  /** A key and its colon. */
  const key = (keys: Set<string>): JsonFault | undefined => {
    const start = at;
    if (text[at] !== '"') return fault(`${met()} where a key in double quotes is expected`);
    const end = stringEnd(text, at);
    if (typeof end !== 'number') return end;
    const name = JSON.parse(text.slice(at, end)) as string;
    if (keys.has(name)) return { at: start, problem: `the key ${shown(name)} is there twice` };
    keys.add(name);
    at = end;
    skip(SPACE);
    if (text[at] !== ':') return fault(`${met()} where ":" is expected`);
    at++;
    skip(SPACE);
    return undefined;
  };

  skip(SPACE);
  for (;;) {
    // A value.
    const letter = text[at];
    if (letter === '{' || letter === '[') {
      if (levels.length >= mostDepth) return fault(`nested deeper than ${mostDepth}`);
      const keys = letter === '{' ? new Set<string>() : null;
      levels.push({ keys });
      at++;
      skip(SPACE);
      if (text[at] !== (keys === null ? ']' : '}')) {
        const wrong = keys === null ? undefined : key(keys);
        if (wrong !== undefined) return wrong;
        continue;
      }
    } else if (letter === '"') {
      const end = stringEnd(text, at);
      if (typeof end !== 'number') return end;
      at = end;
    } else if (!skip(SCALAR)) return fault(`${met()} where a value is expected`);
    // What follows it: ends of lists and objects, then a comma or the end.
    for (;;) {
      skip(SPACE);
      const level = levels.at(-1);
      if (level === undefined)
        return at === text.length ? undefined : fault(`${met()} behind the end of the data`);
      const { keys } = level;
      const close = keys === null ? ']' : '}';
      if (text[at] === close) {
        levels.pop();
        at++;
        continue;
      }
      if (text[at] !== ',') return fault(`${met()} where "," or "${close}" is expected`);
      at++;
      skip(SPACE);
      const wrong = keys === null ? undefined : key(keys);
      if (wrong !== undefined) return wrong;
      break;
    }
  }
}

/** Behind the string that begins at `start`. */
function stringEnd(text: string, start: number): number | JsonFault {
  for (let at = start + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x22) return at + 1;
    if (code < 0x20) return { at, problem: 'a line end or control character stands in a string' };
    if (code !== 0x5c) continue;
    at++;
    if (text[at] === 'u' && /^[0-9a-fA-F]{4}$/.test(text.slice(at + 1, at + 5))) at += 4;
    else if (!'"\\/bfnrt'.includes(text[at] ?? 'none'))
      return { at, problem: 'an escape that JSON has not stands in a string' };
  }
  return { at: start, problem: 'a string is not closed' };
}

function shown(name: string): string {
  const text = JSON.stringify(name);
  return text.length > 120 ? `${text.slice(0, 120)}…` : text;
}
