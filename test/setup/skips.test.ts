import { describe, expect, it } from 'vitest';

interface Skipped {
  readonly name: string;
  readonly reason: string | null;
}
const { skipReason, refusedSkips } = (await import(
  new URL('../../scripts/lib/skips.mjs', import.meta.url).href
)) as {
  skipReason(fullName: string, note: string | undefined): string | null;
  refusedSkips(skipped: readonly Skipped[], lacks?: string): readonly Skipped[];
};

const NO_CHROMIUM = 'found no Chromium, expected one of chromium, google-chrome in a folder of PATH';
const skip = (reason: string | null): Skipped => ({ name: 'a test', reason });

describe('skipped tests in CI', () => {
  it('say why by a note, or in the name of a group', () => {
    expect(skipReason('a > b', 'no network')).toBe('no network');
    expect(skipReason('a (skipped: TensorFlow is not set up here) > b', undefined)).toBe(
      'TensorFlow is not set up here',
    );
    expect(skipReason('a > b', undefined)).toBeNull();
  });

  it('are refused without a reason, and for one that CI does not know', () => {
    const known = skip('TensorFlow is not set up here: run npx nas setup');
    const odd = skip('it failed yesterday');
    expect(refusedSkips([known, odd, skip(null)])).toEqual([odd, skip(null)]);
  });

  it('are refused for a tool that could be installed, and accepted where it could not', () => {
    const [page, tool] = [skip(NO_CHROMIUM), skip('sqlite3 is not installed')];
    expect(refusedSkips([page, tool])).toEqual([page, tool]);
    expect(refusedSkips([page, tool], 'chromium')).toEqual([tool]);
    expect(refusedSkips([page, tool], 'chromium sqlite3')).toEqual([]);
  });
});
