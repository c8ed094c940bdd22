import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import type { LibraryName } from '../../src/network/index.js';
import { presetArchitecture } from '../../src/space/index.js';
import { temporaryFolder } from '../app/samples.js';
import { python } from '../export/python.js';
import { difference, type Computed } from './foreign.js';

const SCRIPT = fileURLToPath(new URL('foreign.py', import.meta.url));

/** Library, its network and our preset; `half`: saved in half precision, with as much less to agree on. */
const CASES: readonly (readonly [LibraryName, string, string, 'half'?])[] = [
  ['torchvision', 'mobilenet_v2', 'mobilenet_v2'],
  ['torchvision', 'mobilenet_v3_small', 'mobilenet_v3_small'],
  ['torchvision', 'mobilenet_v3_large', 'mobilenet_v3_large'],
  ['torchvision', 'mnasnet1_0', 'mnasnet_b1'],
  ['timm', 'mobilenetv2_100', 'mobilenet_v2'],
  ['timm', 'mobilenetv3_small_100', 'mobilenet_v3_small'],
  ['timm', 'mobilenetv3_large_100', 'mobilenet_v3_large'],
  ['timm', 'mobilenetv3_small_075', 'mobilenet_v3_small@0.75'],
  ['timm', 'mobilenetv4_conv_small', 'mobilenetv4_conv_small'],
  ['timm', 'mnasnet_100', 'mnasnet_b1'],
  ['timm', 'semnasnet_100', 'mnasnet_a1'],
  ['timm-tf', 'tf_mobilenetv3_small_minimal_100', 'mobilenet_v3_small_minimalistic'],
  ['timm-tf', 'tf_mobilenetv3_large_minimal_100', 'mobilenet_v3_large_minimalistic'],
  ['timm-tf', 'tf_mobilenetv3_small_100', 'mobilenet_v3_small'],
  ['d-li14', 'mobilenetv2', 'mobilenet_v2'],
  ['timm', 'mobilenetv3_small_100', 'mobilenet_v3_small', 'half'],
];

function missing(): string | undefined {
  if (!existsSync(python)) return 'no Python with the runtimes: node scripts/interop.mjs makes one';
  const { status } = spawnSync(python, ['-c', 'import torch, torchvision, timm, safetensors']);
  return status === 0
    ? undefined
    : `${python} has no torch, torchvision, timm, safetensors: npm run test:interop installs it`;
}

/** Even and odd sides, so that padding is uneven in some layers and not in others. */
const SIZE = [72, 58] as const;

it(
  'weights of torchvision, timm and d-li14 compute what they compute there',
  { timeout: 900_000 },
  (context) => {
    const reason = missing();
    if (reason !== undefined) context.skip(reason);
    using folder = temporaryFolder();
    const jobs = CASES.map(([library, model, , half], at) => ({
      ...{ library, model, classes: 7, size: SIZE, half: half === 'half' },
      file: join(folder.path, `${at}.safetensors`),
    }));
    const listing = join(folder.path, 'jobs.json');
    writeFileSync(listing, JSON.stringify(jobs));
    const { status, stderr } = spawnSync(python, [SCRIPT, listing], { encoding: 'utf8' });
    expect(status, stderr.slice(-2000)).toBe(0);
    for (const [at, [library, model, preset, half]] of CASES.entries()) {
      const { file } = jobs[at]!;
      const computed = JSON.parse(readFileSync(`${file}.json`, 'utf8')) as Computed;
      // The published strides: a preset for small pictures has others.
      const published = presetArchitecture(preset, { input: [224, 224, 3], classes: 7 });
      const architecture = { ...published, input: [...SIZE, 3] as const };
      const named = library === 'timm-tf' ? library : undefined;
      const found = difference(architecture, readFileSync(file), computed, named);
      expect(found, `${library} ${model} ${half ?? ''}`).toBeLessThan(half === undefined ? 1e-4 : 1e-2);
    }
  },
);
