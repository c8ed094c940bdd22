import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { cardProblem, inspectCards } from '../../src/backends/tensorflow/setup/index.js';
import { program, temporary } from './fakes.js';

const VERSION = (driver: string): string =>
  `NVRM version: NVIDIA UNIX x86_64 Kernel Module  ${driver}  Thu Mar 28 2024\nGCC version:  gcc 12\n`;
const OPEN_VERSION =
  'NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  550.54.15  Release Build  (build@host)\n';

const WORKING = {
  'proc/driver/nvidia/version': VERSION('550.54.14'),
  'dev/nvidia0': '',
  'dev/nvidiactl': '',
  'dev/nvidia-uvm': '',
  'usr/lib/x86_64-linux-gnu/libcuda.so.1': '',
};
type Files = Readonly<Record<string, string>>;

function system(files: Files): string {
  const root = temporary();
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  return root;
}

const without = (...names: (keyof typeof WORKING)[]): Files =>
  Object.fromEntries(
    Object.entries(WORKING).filter(([name]) => !names.includes(name as keyof typeof WORKING)),
  );

/** A PATH with this nvidia-smi alone. */
function smi(script: string): string {
  const bin = temporary();
  program(join(bin, 'nvidia-smi'), script);
  return bin;
}

describe('inspectCards', () => {
  it('finds nothing wrong where all is there, and lists the cards and the driver', async () => {
    const PATH = smi(
      `[ "$1 $2" = "--query-gpu=name,memory.total,driver_version --format=csv,noheader" ] || exit 9
echo 'NVIDIA GeForce RTX 4090, 24564 MiB, 550.54.14'; echo 'NVIDIA RTX A2000, 6138 MiB, 550.54.14'`,
    );
    expect(await inspectCards({ env: { PATH }, root: system(WORKING) })).toEqual({
      present: true,
      driver: '550.54.14',
      cards: ['NVIDIA GeForce RTX 4090, 24564 MiB', 'NVIDIA RTX A2000, 6138 MiB'],
      problem: undefined,
    });
  });

  it('does without nvidia-smi, and reads the open driver’s version', async () => {
    const root = system({ ...WORKING, 'proc/driver/nvidia/version': OPEN_VERSION });
    const report = await inspectCards({ env: { PATH: '' }, root });
    expect(report).toEqual({ present: true, driver: '550.54.15', cards: [], problem: undefined });
  });

  it.each<[string, Files, boolean, RegExp, RegExp]>([
    ['no card', {}, false, /^no NVIDIA card$/, /a machine or container that has one/],
    [
      'a card of another maker',
      {
        'sys/bus/pci/devices/0000:00:02.0/vendor': '0x8086\n',
        'sys/bus/pci/devices/0000:00:02.0/class': '0x030000\n',
      },
      false,
      /^no NVIDIA card$/,
      /./,
    ],
    [
      'sound of an NVIDIA card handed to another system',
      {
        'sys/bus/pci/devices/0000:01:00.1/vendor': '0x10de\n',
        'sys/bus/pci/devices/0000:01:00.1/class': '0x040300\n',
      },
      false,
      /^no NVIDIA card$/,
      /./,
    ],
    [
      'no driver',
      {
        'sys/bus/pci/devices/0000:01:00.0/vendor': '0x10de\n',
        'sys/bus/pci/devices/0000:01:00.0/class': '0x030200\n',
      },
      true,
      /PCI 0000:01:00\.0\) whose driver is not loaded/,
      /525\.60\.13 or newer/,
    ],
    [
      'an old driver',
      { ...WORKING, 'proc/driver/nvidia/version': VERSION('525.60.11') },
      true,
      /525\.60\.11.*too old for CUDA 12/,
      /install driver 525\.60\.13/,
    ],
    ['a container without cards', without('dev/nvidia0'), true, /no card in \/dev/, /--gpus all/],
    ['no uvm', without('dev/nvidia-uvm'), true, /\/dev\/nvidia-uvm/, /nvidia-modprobe -u/],
    [
      'no library of the driver',
      without('usr/lib/x86_64-linux-gnu/libcuda.so.1'),
      true,
      /libcuda\.so\.1/,
      /NVIDIA_DRIVER_CAPABILITIES/,
    ],
    ['WSL without a driver', { 'dev/dxg': '' }, false, /^WSL without/, /on Windows/],
  ])('reports %s', async (_name, files, present, found, fix) => {
    const report = await inspectCards({ env: { PATH: '' }, root: system(files) });
    expect(report.present).toBe(present);
    expect(report.problem?.found).toMatch(found);
    expect(report.problem?.fix).toMatch(fix);
  });

  it('takes a card that is not number 0, the lowest driver, and WSL with a driver', async () => {
    const one = {
      ...without('dev/nvidia0'),
      'dev/nvidia1': '',
      'proc/driver/nvidia/version': VERSION('525.60.13'),
    };
    expect((await inspectCards({ env: {}, root: system(one) })).problem).toBeUndefined();
    const wsl = system({ 'dev/dxg': '', 'usr/lib/wsl/lib/libcuda.so.1': '' });
    expect(await inspectCards({ env: {}, root: wsl })).toMatchObject({ present: true, problem: undefined });
  });

  it.each(['-1', '', '-1,0'])('reports that CUDA_VISIBLE_DEVICES="%s" hides every card', async (value) => {
    const report = await inspectCards({ env: { CUDA_VISIBLE_DEVICES: value }, root: system(WORKING) });
    expect(report.problem).toMatchObject({ fix: 'unset CUDA_VISIBLE_DEVICES' });
  });

  it('lets CUDA_VISIBLE_DEVICES choose a card', async () => {
    const report = await inspectCards({ env: { CUDA_VISIBLE_DEVICES: '1' }, root: system(WORKING) });
    expect(report.problem).toBeUndefined();
  });

  it('passes on what nvidia-smi complains of, before it guesses', async () => {
    const PATH = smi(`echo 'Failed to initialize NVML: Driver/library version mismatch'; exit 18`);
    const root = system(without('usr/lib/x86_64-linux-gnu/libcuda.so.1'));
    const { problem } = await inspectCards({ env: { PATH }, root });
    expect(problem?.found).toBe(
      'nvidia-smi fails: Failed to initialize NVML: Driver/library version mismatch',
    );
    expect(problem?.fix).toMatch(/reboot/);
  });
});

describe('cardProblem', () => {
  const built = join(process.cwd(), 'dist/backends/tensorflow/setup/card.js');

  it.skipIf(!existsSync(built))(
    `${existsSync(built) ? '' : '(skipped: dist/ is not built) > '}sees that a card may not be used, and names its group`,
    () => {
      const root = system({ ...WORKING, 'etc/group': 'root:x:0:\nvideo:x:44:\n' });
      expect(cardProblem(root)).toBeUndefined();
      chmodSync(root, 0o755);
      chmodSync(join(root, 'dev/nvidia0'), 0o600);
      // Root may do anything, so another user looks.
      const uid = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : undefined;
      if (uid === undefined) chmodSync(join(root, 'dev/nvidia0'), 0);
      const code = `import(${JSON.stringify(pathToFileURL(built).href)}).then((card) =>
      console.log(JSON.stringify(card.cardProblem(${JSON.stringify(root)}))))`;
      const said = execFileSync(process.execPath, ['-e', code], { encoding: 'utf8', cwd: '/', ...uid });
      const problem = JSON.parse(said) as { found: string; fix: string };
      expect(problem.found).toBe('no permission to use /dev/nvidia0');
      expect(problem.fix).toMatch(/^sudo (chmod a\+rw|usermod -aG)/);
      rmSync(join(root, 'dev/nvidia0'));
      expect(cardProblem(root)?.found).toMatch(/no card in \/dev/);
    },
  );
});
