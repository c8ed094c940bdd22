/**
 * Text that came from a file, a user or a crash may hold escape sequences or characters that turn the reading
 * direction. Everything a report prints passes through {@link neutral} first.
 */

const CONTROL = /[\u0000-\u001f\u007f-\u009f]/g;
/** Zero-width, direction, line and paragraph separators, byte order mark, tags, halves of pairs. */
const INVISIBLE =
  /[\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb]|[\u{e0000}-\u{e0fff}]|\p{Surrogate}/gu;
/** Two columns wide in a terminal: East Asian scripts, full-width forms, emoji. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6]|[\u{1f300}-\u{1faff}]|[\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u;
const MARK = /^[\p{Mn}\p{Me}]$/u;
const PLAIN = /^[\x20-\x7e]*$/;

/**
 * Makes every control character visible (ESC becomes `␛`) and replaces invisible and direction-turning ones, one
 * for one, so that no data can steer a terminal. Text without any is returned unchanged.
 */
export function neutral(text: string): string {
  if (PLAIN.test(text)) return text;
  return text
    .replace(CONTROL, (character) => {
      const code = character.charCodeAt(0);
      if (code < 0x20) return String.fromCharCode(0x2400 + code);
      return code === 0x7f ? '\u2421' : '\ufffd';
    })
    .replace(INVISIBLE, '\ufffd');
}

/** JSON whose every character a terminal shows literally; to a reader of JSON it says the same. */
export function neutralJson(json: string): string {
  // Unit by unit: a character outside the basic plane is two.
  const escape = (character: string): string =>
    character
      .split('')
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
      .join('');
  return json.replace(/[\u007f-\u009f]/g, escape).replace(INVISIBLE, escape);
}

/** Columns a (neutral) text takes in a terminal. */
export function widthOf(text: string): number {
  if (PLAIN.test(text)) return text.length;
  let width = 0;
  for (const character of text) width += columnsOf(character);
  return width;
}

function columnsOf(character: string): number {
  if (MARK.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}

/** At most `width` columns; what is cut ends in `…`. */
export function cut(text: string, width: number): string {
  if (width <= 0) return '';
  if (widthOf(text) <= width) return text;
  let taken = '';
  let columns = 0;
  for (const character of text) {
    const next = columnsOf(character);
    if (columns + next > width - 1) break;
    taken += character;
    columns += next;
  }
  return `${taken}…`;
}

/** Exactly `width` columns: cut or filled with spaces. */
export function fit(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const short = cut(text, width);
  const space = ' '.repeat(Math.max(0, width - widthOf(short)));
  return align === 'left' ? short + space : space + short;
}

/** Breaks at spaces into lines of at most `width` columns; a longer word is broken within. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const joined = line === '' ? word : `${line} ${word}`;
    if (widthOf(joined) <= width) {
      line = joined;
      continue;
    }
    if (line !== '') lines.push(line);
    line = '';
    for (const character of word) {
      if (widthOf(line) + columnsOf(character) > width && line !== '') {
        lines.push(line);
        line = '';
      }
      line += character;
    }
  }
  return [...lines, line];
}
