import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DataFacts } from '../../src/app/study/data-facts.js';
import { studySpec, type StudyOptions } from '../../src/app/study/defaults.js';
import type { Places } from '../../src/app/environment.js';
import type { StudySpec } from '../../src/app/study/spec.js';

/** An empty folder that is removed with the test. */
export function temporaryFolder(): { readonly path: string } & Disposable {
  const path = mkdtempSync(join(tmpdir(), 'nas-app-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

export function placesIn(folder: string): Places {
  const at = (name: string) => join(folder, name);
  return { runs: at('runs'), data: at('data'), tensorflow: at('none'), latency: at('latency') };
}

const spaceFile = new URL('../space/fixtures/example-space.yaml', import.meta.url);

/** A space of small networks, which are quickly built and quickly learnt. */
export const smallSpace = { name: 'example', yaml: readFileSync(spaceFile, 'utf8') };

/** A study on the test double. */
export function fakeStudy(requested: Partial<StudyOptions> = {}): StudySpec {
  return studySpec({
    study: 'demo',
    data: { name: 'fashion-mnist', folder: 'nowhere', heldOut: 0.1, size: null, limit: null },
    task: { input: [28, 28, 1], classes: 10 },
    targetMs: 4,
    backend: 'fake',
    workers: 2,
    // What most tests are about is easier seen without initial candidates.
    ...{ space: { name: 'mobilenetv3', yaml: null }, strategy: 'ppo', scaled: [] },
    ...requested,
  });
}

export const facts: DataFacts = {
  classes: Array.from({ length: 10 }, (_, index) => `class ${index}`),
  mean: [0.5],
  deviation: [0.25],
};
