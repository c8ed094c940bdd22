import { tmpdir } from 'node:os';
import { timedModels } from '../../export/index.js';
import { openPlatform, parsePlatform } from '../../latency/index.js';

/** Of batch normalisation, as in all recipes. */
const EPSILON = 1e-3;

/**
 * Opens each platform and closes it again, so that what is wrong with it shows before anything is brought or written: an
 * agent that does not answer or refuses the token, a program that fails, no Chromium, a table that cannot be read. The
 * device that trains is left out: it belongs to the evaluator host.
 * @throws NasError what the platform finds
 */
export async function tryPlatforms(
  names: readonly string[],
  {
    batch,
    threads,
    signal,
  }: { readonly batch: number; readonly threads: number; readonly signal: AbortSignal },
): Promise<void> {
  for (const spec of names.map(parsePlatform)) {
    if (spec.kind === 'tensorflow') continue;
    const platform = await openPlatform(spec, {
      backend: () => {
        throw new TypeError(`${spec.kind} asked for the backend that trains`);
      },
      batch,
      epsilon: EPSILON,
      threads,
      onnx: timedModels(EPSILON),
      environment: process.env,
      trusted: names,
      temporaryFolder: tmpdir(),
      stop: () => signal.aborted,
    });
    await platform[Symbol.asyncDispose]();
  }
}
