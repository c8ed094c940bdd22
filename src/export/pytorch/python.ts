/** Anything a literal of Python can hold. */
export type Literal =
  string | number | boolean | null | readonly Literal[] | { readonly [key: string]: Literal };

const WIDTH = 100;

/**
 * A value as a literal of Python, over several lines where it is wide. `indent`: spaces in front of the line it starts
 * on. Texts are hostile: whatever they hold, the literal ends where it should and shows every invisible character.
 */
export function pythonLiteral(value: Literal, indent = 0): string {
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : `float("${value}")`;
  if (typeof value === 'string') return pythonText(value);
  if (isList(value))
    return bracketed(
      '[]',
      value.map((item) => pythonLiteral(item, indent + 4)),
      indent,
    );
  const entries = Object.entries(value).map(
    ([key, item]) => `${pythonText(key)}: ${pythonLiteral(item, indent + 4)}`,
  );
  return bracketed('{}', entries, indent);
}

/** JSON's escapes mean the same in Python; JSON leaves some characters as they are that do not show or end a line. */
function pythonText(text: string): string {
  return JSON.stringify(text).replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (character) => {
    const code = (character.codePointAt(0) ?? 0).toString(16);
    return code.length > 4 ? `\\U${code.padStart(8, '0')}` : `\\u${code.padStart(4, '0')}`;
  });
}

function isList(value: Literal): value is readonly Literal[] {
  return Array.isArray(value);
}

/** On one line where it fits, else filled lines of short items or a line each. */
function bracketed([open, close]: string, items: readonly string[], indent: number): string {
  const line = `${open}${items.join(', ')}${close}`;
  if (indent + line.length <= WIDTH && !line.includes('\n')) return line;
  const inner = ' '.repeat(indent + 4);
  const lines = open === '[' ? filled(items, WIDTH - indent - 4) : items.map((item) => `${item},`);
  return `${open}\n${lines.map((text) => `${inner}${text}\n`).join('')}${' '.repeat(indent)}${close}`;
}

function filled(items: readonly string[], width: number): readonly string[] {
  const lines: string[] = [];
  for (const item of items) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + item.length + 2 <= width && !item.includes('\n'))
      lines[lines.length - 1] = `${last} ${item},`;
    else lines.push(`${item},`);
  }
  return lines;
}
