import { describe, expect, it } from 'vitest';
import { requireReachable, type Searched } from '../../src/app/search/reachable.js';
import { places } from '../../src/app/index.js';
import { spaceOf } from '../../src/app/study/session.js';
import { ms, NasError, withoutPauses } from '../../src/core/index.js';
import { narrowest } from '../../src/netadapt/index.js';
import { dimensionsOf } from '../../src/netadapt/dimensions.js';
import { formatArchitecture, parseArchitecture } from '../../src/space/index.js';
import { createMemoryStore, type TimingEffort } from '../../src/trials/index.js';
import { done, STUDY } from '../../src/testing/index.js';
import { fakeMeter, record, SMALL, trueLatency } from '../netadapt/fakes.js';
import { fakeStudy, smallSpace } from './samples.js';

function searched(targetMs: number, gate = 1.5): Searched & { readonly discarded: () => boolean } {
  const spec = fakeStudy({ space: smallSpace, targetMs, gate });
  let discarded = false;
  return {
    spec,
    space: spaceOf(spec),
    store: createMemoryStore(STUDY),
    signal: new AbortController().signal,
    places: places({ runs: 'elsewhere' }),
    discard: () => void (discarded = true),
    discarded: () => discarded,
  };
}

const check = async (session: Searched, meter = fakeMeter(1, 0)) => {
  const notices: string[] = [];
  const thrown: unknown = await requireReachable(session, meter, undefined, (text) =>
    notices.push(text),
  ).catch((error: unknown) => error);
  return { error: thrown as NasError | undefined, notices, sessions: meter.sessions };
};

/** The fastest network that is found, by what is measured first. */
async function fastestOf(): Promise<string> {
  const { sessions } = await check(searched(1e6));
  return sessions[0]?.[0] ?? '';
}

describe('requireReachable', () => {
  it('takes one measurement, of a network that no random one of the space undercuts, and none the next time', async () => {
    const session = searched(1e6);
    const first = await check(session);
    expect(first).toMatchObject({ error: undefined, notices: [] });
    expect(first.sessions.map((texts) => texts.length)).toEqual([1]);
    const { space } = session;
    const genomes = space.choices.flatMap((_, at) =>
      [0, 1].map((option) =>
        space.choices.map((choice, i) => (i === at ? option : 0) % choice.options.length),
      ),
    );
    const least = Math.min(...genomes.map((genome) => trueLatency(formatArchitecture(space.decode(genome)))));
    expect(trueLatency(first.sessions[0]![0]!)).toBeLessThanOrEqual(least);
    expect((await check(session)).sessions).toEqual([]);
  });

  it('ends a search for what no network can meet, with the fastest latencies and that no width would do', async () => {
    const session = searched(0.001);
    const { error, sessions } = await check(session);
    const fastest = trueLatency(await fastestOf());
    expect(error).toBeInstanceOf(NasError);
    expect(error?.code).toBe('NAS_TARGET_UNREACHABLE');
    expect(error?.found).toContain(`example takes ${fastest.toPrecision(3)} ms`);
    expect(error?.found).toMatch(/at its narrowest [\d.]+ ms; the target is 0\.001(00)? ms$/);
    expect(error?.fix).toMatch(
      /^no width does: even mobilenet_v3_small@0\.1 takes .*--target-latency [\d.]+ms$/,
    );
    // An answer is wanted in seconds: the fastest network, then its narrowest with the narrowest preset.
    expect(sessions.map((texts) => texts.length)).toEqual([1, 2]);
    expect(session.discarded()).toBe(true);
  });

  it('takes short bursts, and whole sessions only where those leave doubt', async () => {
    const fastest = trueLatency(await fastestOf());
    const asked = async (targetMs: number): Promise<readonly (TimingEffort | undefined)[]> => {
      const [meter, efforts] = [fakeMeter(1, 0), [] as (TimingEffort | undefined)[]];
      const measure: typeof meter.measure = (texts, signal, effort) => {
        efforts.push(effort);
        return meter.measure(texts, signal);
      };
      await check(searched(targetMs, 1), { sessions: meter.sessions, measure });
      return efforts;
    };
    expect(await asked(fastest)).toEqual(['burst']);
    expect(await asked(fastest / 100)).toEqual(['burst', 'burst']);
    expect(await asked(fastest / 1.1)).toEqual(['burst', 'full', 'full']);
  });

  it('names the widest preset that would do where one does', async () => {
    const meter = fakeMeter(1, 0);
    // A device that hates this space's networks, and not the preset's.
    const slow = {
      sessions: meter.sessions,
      measure: async (texts: readonly string[], signal: AbortSignal) =>
        (await meter.measure(texts, signal)).map((one, i) =>
          texts[i]?.includes('fc_c1024_hs') === true ? one : record(100 * one.medianMs, 0),
        ),
    };
    const { error } = await check(searched(2), slow);
    expect(error?.code).toBe('NAS_TARGET_UNREACHABLE');
    expect(error?.fix).toMatch(/^mobilenet_v3_small@[\d.]+ meets the target in [\d.]+ ms/);
  });

  it('warns where only NetAdapt gets there', async () => {
    const fastest = await fastestOf();
    const floor = trueLatency(formatArchitecture(withoutPauses(narrowest(parseArchitecture(fastest)))));
    expect(floor).toBeLessThan(trueLatency(fastest));
    const { error, notices } = await check(searched((floor + trueLatency(fastest)) / 2, 1));
    expect(error).toBeUndefined();
    expect(notices).toEqual([
      expect.stringMatching(/^warning: the fastest network found.*netadapt refine .* --runs elsewhere$/),
    ]);
  });

  it('measures nothing where the study has a trial within the limit', async () => {
    const session = searched(2);
    session.store.begin(
      [
        {
          kind: 'sample',
          parent: null,
          genome: [0],
          text: SMALL,
          params: 1,
          madds: 1,
          seed: 's',
          note: null,
        },
      ],
      null,
    );
    session.store.finish(1, done(0.5, 2.9), 0.5, null);
    expect((await check(session)).sessions).toEqual([]);
  });

  it('measures nothing where prediction is sure, after it is fitted', async () => {
    const session = searched(2);
    const meter = fakeMeter(1, 0);
    let fitted = false;
    const predictor = {
      fitted: () => Promise.resolve(void (fitted = true)),
      predict: () => (fitted ? { ...record(1, 0.1), source: 'predicted' as const, medianMs: ms(1) } : null),
    };
    await requireReachable(session, meter, predictor, () => undefined);
    expect(meter.sessions).toEqual([]);
  });

  it('stops on request', async () => {
    const session = { ...searched(0.001), signal: AbortSignal.abort(new Error('stopped')) };
    expect((await check(session)).error?.message).toBe('stopped');
  });
});

describe('narrowest', () => {
  it('brings every dimension to its least width and keeps the residual sums', () => {
    const architecture = parseArchitecture(SMALL);
    const shrunk = withoutPauses(narrowest(architecture));
    expect(dimensionsOf(shrunk).map(({ width }) => width)).toEqual(dimensionsOf(architecture).map(() => 8));
    expect(withoutPauses(narrowest(shrunk))).toEqual(shrunk);
  });
});
