import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writePictures } from '../app/pictures.js';
import { emptyFolder, listing, nas, type Answer } from './nas.js';

const cpu = join(process.cwd(), '.tensorflow/cpu');
const isSetUp = existsSync(join(cpu, 'manifest.json'));

/** TensorFlow for the CPU in the place of that for a card: it behaves as that one does where no card is. */
function pretendGpu(tensorflow: string): void {
  const place = join(tensorflow, 'gpu');
  mkdirSync(place, { recursive: true });
  for (const name of ['lib', 'tfjs_binding.node']) symlinkSync(join(cpu, name), join(place, name));
  const manifest = JSON.parse(readFileSync(join(cpu, 'manifest.json'), 'utf8')) as object;
  writeFileSync(join(place, 'manifest.json'), JSON.stringify({ ...manifest, flavour: 'gpu' }));
}

const SEARCH = [
  ...['search', '--backend', 'tensorflow-gpu', '--study', 'one', '--target-latency', '1s', '--trials', '1'],
  ...['--data', 'images:pictures', '--size', '8', '--batch', '4', '--steps', '50', '--epochs', '8'],
  ...['--workers', '1'],
];

const skipped = isSetUp ? '' : ' (skipped: TensorFlow is not set up here: run npx nas setup)';
describe.skipIf(!isSetUp)(
  `--backend tensorflow-gpu where no card is found${skipped}`,
  { timeout: 120_000 },
  () => {
    it('is refused with the fix and leaves nothing, and trains on the CPU when that is allowed', async () => {
      using folder = emptyFolder();
      const cwd = folder.path;
      await writePictures(join(cwd, 'pictures'), 8, 30);
      const NAS_TENSORFLOW_DIR = join(cwd, 'tensorflow');
      pretendGpu(NAS_TENSORFLOW_DIR);
      const before = listing(cwd);
      const search = (env: Record<string, string> = {}): Promise<Answer> =>
        nas(SEARCH, { cwd, env: { NAS_TENSORFLOW_DIR, ...env } });

      const refused = await search();
      expect(refused).toMatchObject({ code: 2, stdout: '' });
      expect(refused.stderr).toMatch(
        /\nerror: TensorFlow finds no GPU.*fix: .*--backend tensorflow, or NAS_GPU=optional.*\[NAS_NO_GPU\]\n$/,
      );
      expect(listing(cwd).filter((name) => name !== 'runs')).toEqual(before);

      for (const [name, choices] of [
        ['NAS_GPU', 'required or optional'],
        ['NAS_XLA', 'auto or off'],
      ] as const) {
        const wrong = await search({ [name]: 'perhaps' });
        expect(wrong.code).toBe(2);
        expect(wrong.stderr).toContain(`${name} is "perhaps"; expected ${choices}.`);
        expect(wrong.stderr).toContain('[NAS_WRONG_SETTING]');
      }

      const allowed = await search({ NAS_GPU: 'optional' });
      expect(allowed.code).toBe(0);
      expect(allowed.stderr).toMatch(/\nwarning: TensorFlow finds no GPU: training and timing on the CPU/);
      const trials = await nas(['trials', 'one', '--json'], { cwd });
      expect(JSON.parse(trials.stdout)).toMatchObject([{ trial: 1, state: 'done' }]);
    });

    it('is a failure to nas doctor only where it is asked about or nothing else is there', async () => {
      using folder = emptyFolder();
      const cwd = folder.path;
      const NAS_TENSORFLOW_DIR = join(cwd, 'tensorflow');
      pretendGpu(NAS_TENSORFLOW_DIR);
      const env = { NAS_TENSORFLOW_DIR, CUDA_VISIBLE_DEVICES: '-1' };
      const asked = await nas(['doctor', '--backend', 'tensorflow-gpu'], { cwd, env });
      expect(asked.code).toBe(2);
      expect(asked.stdout).toMatch(/✗ NVIDIA card .*\n {4}fix: .*\n✗ TensorFlow, CUDA .*finds no GPU/);
      expect(asked.stdout).toMatch(/✓ training .* on the CPU\n/);

      symlinkSync(cpu, join(NAS_TENSORFLOW_DIR, 'cpu'));
      const both = await nas(['doctor', '--json'], { cwd, env });
      const checks = JSON.parse(both.stdout) as { name: string; state: string }[];
      const states = checks.filter(({ name }) => /TensorFlow|NVIDIA/.test(name));
      expect(states).toMatchObject([
        { name: 'TensorFlow', state: 'ok' },
        { name: 'NVIDIA card', state: 'warn' },
        { name: 'TensorFlow, CUDA', state: 'warn' },
      ]);
    });
  },
);
