import { afterEach, describe, expect, it, vi } from 'vitest';
import { terminal } from '../../src/cli/output.js';

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

  it('makes way for whatever else is printed', () => {
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
