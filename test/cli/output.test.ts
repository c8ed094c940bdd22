import { afterEach, describe, expect, it, vi } from 'vitest';
import { reportError, terminal } from '../../src/cli/output.js';
import { NasError } from '../../src/core/index.js';
import { terminalText } from '../../src/report/index.js';

/** What a terminal shows of text with carriage returns and erased lines. */
function shownOf(written: string): string[] {
  return written.split('\n').map((line) => line.split('\r\u001b[2K').at(-1) ?? '');
}

describe('the live line', () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  function listening() {
    let written = '';
    const hear = (text: unknown): boolean => {
      written += String(text);
      return true;
    };
    vi.spyOn(process.stderr, 'write').mockImplementation(hear);
    vi.spyOn(process.stdout, 'write').mockImplementation(hear);
    return () => written;
  }

  it('makes way for other output', () => {
    const written = listening();
    const output = terminal();
    output.status('search 1/24');
    output.note('warning: this machine is too noisy');
    output.status('search 2/24');
    output.status('search 3/24');
    output.print('a table\n');
    output.json([1]);
    expect(shownOf(written())).toEqual([
      'warning: this machine is too noisy',
      'a table',
      '[',
      '  1',
      ']',
      '',
    ]);
  });

  it('is taken away at the end, and nothing is erased where none was drawn', () => {
    const written = listening();
    const output = terminal();
    output.note('first');
    output.status(null);
    expect(written()).toBe('first\n');
    output.status('search 1/24');
    output.status(null);
    output.status(null);
    expect(written()).toBe('first\n\r\u001b[2Ksearch 1/24\r\u001b[2K');
  });
});

/** Clears the screen, names the window, turns the reading direction, C1's own escape. */
const HOSTILE = '\u001b[2J\u001b]0;owned\u0007\u202etxt\u009b31m\u2066';
/** What steers a terminal; ends of lines do not. */
const STEERING = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/;

describe('text from outside', () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  it('steers no terminal, wherever it is printed', () => {
    let written = '';
    const hear = (text: unknown): boolean => {
      written += String(text);
      return true;
    };
    vi.spyOn(process.stderr, 'write').mockImplementation(hear);
    vi.spyOn(process.stdout, 'write').mockImplementation(hear);
    const output = terminal();
    output.print(`first\n${HOSTILE}\nlast`);
    output.note(HOSTILE);
    output.status(HOSTILE);
    output.json({ [HOSTILE]: HOSTILE });
    const note = (text: string): void => output.note(text);
    reportError(new NasError({ code: 'NAS_TEST', found: HOSTILE, fix: HOSTILE }), note);
    reportError(new Error(HOSTILE), note);
    expect(written.replaceAll('\r\u001b[2K', '')).not.toMatch(STEERING);
    expect(written).toContain('first\n\u241b[2J');
    expect(JSON.parse(/\{\n[^]*?\n\}/.exec(written)?.[0] ?? '')).toEqual({ [HOSTILE]: HOSTILE });
  });

  it('keeps the tones that we paint, and lines of a CSV file', () => {
    expect(terminalText('\u001b[1;33mbest\u001b[0m\r\n', true)).toBe('\u001b[1;33mbest\u001b[0m\r\n');
    expect(terminalText('\u001b[8mhidden\u001b[0m', true)).toBe('\u241b[8mhidden\u001b[0m');
    expect(terminalText('\u001b[31mred\r', false)).toBe('\u241b[31mred\u240d');
  });
});
