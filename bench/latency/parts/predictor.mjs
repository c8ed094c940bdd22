// How well is a latency predicted from few measured networks? Random networks of the space mobilenetv3 for 32×32 pictures
// are timed in one process; it learns from some of them and predicts the others, over random divisions.
import { createRng, mean, standardDeviation } from '../../../dist/core/index.js';
import { fitPredictor } from '../../../dist/latency/index.js';
import { parseArchitecture } from '../../../dist/space/index.js';
import { sampled } from '../lib/sampled.mjs';
import { withTimer } from '../lib/timer.mjs';

const AIM = { error: 0.08, coverage: [0.85, 0.95] };
const CONFIDENCE = 0.9;
/** Networks that are timed in turns. */
const SESSION = 10;
const DIVISIONS = 20;

export async function predictor({ options, turn, log, progress }) {
  const { networks, learned } = options.numbers('predictor');
  if (learned >= networks) throw new RangeError(`--learned: ${learned} of ${networks} networks leave none`);
  // Not the networks of the seed bench/predictor, on which the features were chosen.
  const texts = sampled(networks, { input: [32, 32, 3], seed: 'bench/predictor/2' });
  const results = [];
  for (const platform of options.platforms) {
    const show = progress(`predictor, ${platform}`);
    const taken = await withTimer({ platform, threads: options.threads }, async ({ fingerprint, time }) => {
      const observations = [];
      const others = [];
      for (let from = 0; from < networks; from += SESSION) {
        show(from, networks);
        const part = texts.slice(from, from + SESSION);
        const session = await turn(() => time(part, `bench/${from}`));
        others.push(Number(session.others.toFixed(3)));
        session.result.forEach(({ medianMs }, i) => {
          observations.push({ architecture: parseArchitecture(part[i]), medianMs });
        });
      }
      show(1, 1);
      return { fingerprint, others, observations };
    });
    results.push({ platform, ...summary(taken, learned) });
    log(shown(results.at(-1)));
  }
  return {
    what: 'error of latencies predicted for networks that were not learned from, and share within their interval',
    aim: AIM,
    learned,
    divisions: DIVISIONS,
    texts,
    results,
    summary: results.map(({ platform, error, coverage, others }) => ({
      what: `${platform}: predicted from ${learned} networks, error and coverage of ${100 * CONFIDENCE} %`,
      aim: `≤ ${100 * AIM.error} %, ${AIM.coverage.map((share) => 100 * share).join('–')} %`,
      reached: text({ error, coverage }),
      met: error.mean <= AIM.error && coverage.mean >= AIM.coverage[0] && coverage.mean <= AIM.coverage[1],
      others,
    })),
  };
}

function summary({ fingerprint, others, observations }, learned) {
  const divisions = Array.from({ length: DIVISIONS }, (_, k) => {
    const order = createRng(`bench/division/${k}`).shuffle(observations);
    const fitted = fitPredictor(order.slice(0, learned), { confidence: CONFIDENCE, seed: String(k) });
    const rest = order.slice(learned).map(({ architecture, medianMs }) => ({
      medianMs,
      predicted: fitted.predict(architecture),
    }));
    return {
      error: mean(rest.map(({ medianMs, predicted }) => Math.abs(predicted.medianMs / medianMs - 1))),
      covered: mean(
        rest.map(({ medianMs, predicted: { lowMs, highMs } }) =>
          Number(lowMs <= medianMs && medianMs <= highMs),
        ),
      ),
      stated: fitted.error,
    };
  });
  const over = (key) => {
    const values = divisions.map((division) => division[key]);
    const round = (value) => Number(value.toFixed(4));
    return {
      mean: round(mean(values)),
      deviation: round(standardDeviation(values)),
      least: round(Math.min(...values)),
      most: round(Math.max(...values)),
    };
  };
  return {
    fingerprint,
    others,
    latenciesMs: observations.map(({ medianMs }) => Number(medianMs.toPrecision(5))),
    error: over('error'),
    statedError: over('stated'),
    coverage: over('covered'),
  };
}

const text = ({ error, coverage }) =>
  `${(100 * error.mean).toFixed(1)} %, ${(100 * coverage.mean).toFixed(0)} %`;

const shown = ({ platform, error, statedError, coverage }) =>
  `${platform}: error, coverage ${text({ error, coverage })}; it expects ${(100 * statedError.mean).toFixed(1)} %`;
