import { accessSync, constants, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { runProgram, type Environment } from '../../../process/index.js';

/** What prevents using a card, and the fix. */
export interface CardProblem {
  readonly found: string;
  readonly fix: string;
}

export interface CardReport {
  /** Whether anything of an NVIDIA card is here: the card itself, its driver or its device files. */
  readonly present: boolean;
  /** The driver's version, as the kernel or nvidia-smi reports it. */
  readonly driver: string | undefined;
  /** A line per card, as nvidia-smi lists them; empty where it is not there or does not answer. */
  readonly cards: readonly string[];
  readonly problem: CardProblem | undefined;
}

export interface CardOptions {
  readonly env: Environment;
  /** Where `proc`, `sys`, `dev`, `usr` and `etc` lie; for tests. */
  readonly root?: string;
  readonly signal?: AbortSignal | undefined;
}

/** Lowest driver that runs programs of any CUDA 12 on Linux (NVIDIA, CUDA Compatibility, minor versions). */
export const LOWEST_DRIVER = '525.60.13';

const NO_CARD: CardProblem = {
  found: 'no NVIDIA card',
  fix: 'use a machine or container that has one',
};

/** Reads files and runs nvidia-smi; loads nothing of CUDA. */
export async function inspectCards(options: CardOptions): Promise<CardReport> {
  const { env, root = '/' } = options;
  const asked = await askSmi(options);
  const driver = asked.driver ?? driverVersion(root);
  const present = isPresent(root) || asked.cards.length > 0;
  // What nvidia-smi says is nearer to the cause than a library that is not where it usually lies.
  const problem = fileProblem(root, driver) ?? hidden(env) ?? asked.problem ?? libraryProblem(root, env);
  return { present, driver, cards: asked.cards, problem };
}

/** What the files of the system show to be in the way, without starting a program. */
export function cardProblem(root = '/'): CardProblem | undefined {
  return fileProblem(root, driverVersion(root));
}

function isPresent(root: string): boolean {
  return isWsl(root)
    ? existsSync(join(root, WSL_LIBRARIES, 'libcuda.so.1'))
    : driverVersion(root) !== undefined || devices(root).length > 0 || pciCard(root) !== undefined;
}

const WSL_LIBRARIES = 'usr/lib/wsl/lib';

const isWsl = (root: string): boolean => existsSync(join(root, 'dev/dxg'));

function fileProblem(root: string, driver: string | undefined): CardProblem | undefined {
  if (isWsl(root)) {
    if (existsSync(join(root, WSL_LIBRARIES, 'libcuda.so.1'))) return undefined;
    const fix = "install NVIDIA's driver on Windows, then: wsl --update && wsl --shutdown";
    return { found: "WSL without NVIDIA's driver", fix };
  }
  if (driver === undefined) {
    const card = pciCard(root);
    if (card === undefined) return NO_CARD;
    return {
      found: `an NVIDIA card (PCI ${card}) whose driver is not loaded`,
      fix: `install NVIDIA's driver, ${LOWEST_DRIVER} or newer, and reboot (Debian: nvidia-driver of non-free, Ubuntu: ubuntu-drivers install, Fedora: akmod-nvidia of RPM Fusion)`,
    };
  }
  if (older(driver, LOWEST_DRIVER)) {
    return {
      found: `NVIDIA's driver ${driver}, which is too old for CUDA 12`,
      fix: `install driver ${LOWEST_DRIVER} or newer and reboot`,
    };
  }
  const [first] = devices(root);
  if (first === undefined) {
    return {
      found: `NVIDIA's driver ${driver}, but no card in /dev (nvidia0, …)`,
      fix: 'in a container: start it with the cards (docker run --gpus all, with the NVIDIA Container Toolkit); else: sudo nvidia-smi makes the files',
    };
  }
  if (!existsSync(join(root, 'dev/nvidia-uvm')))
    return { found: 'no /dev/nvidia-uvm, which CUDA needs', fix: 'sudo nvidia-modprobe -u -c 0' };
  const shut = [first, 'nvidiactl', 'nvidia-uvm'].find((name) => !usable(join(root, 'dev', name)));
  return shut === undefined ? undefined : permission(root, shut);
}

function permission(root: string, name: string): CardProblem {
  const { gid } = statSync(join(root, 'dev', name));
  const group = gid === 0 ? undefined : groupName(root, gid);
  return {
    found: `no permission to use /dev/${name}`,
    fix:
      group === undefined
        ? `sudo chmod a+rw /dev/nvidia*, or run as a user that may read and write /dev/${name}`
        : `sudo usermod -aG ${group} "$USER", then log in again`,
  };
}

/** CUDA hides all cards for an empty value and from the first number below zero on. */
function hidden(env: Environment): CardProblem | undefined {
  const value = env['CUDA_VISIBLE_DEVICES'];
  if (value === undefined || !/^\s*(-\d|$)/.test(value)) return undefined;
  const found = `CUDA_VISIBLE_DEVICES="${value}" hides every card`;
  return { found, fix: 'unset CUDA_VISIBLE_DEVICES' };
}

/** The driver's own library belongs to the system; no wheel has it. */
function libraryProblem(root: string, env: Environment): CardProblem | undefined {
  const usual = ['usr/lib/x86_64-linux-gnu', 'usr/lib64', 'usr/lib', WSL_LIBRARIES, 'run/opengl-driver/lib'];
  const folders = [
    ...usual.map((folder) => join(root, folder)),
    ...(env['LD_LIBRARY_PATH'] ?? '').split(delimiter).filter((folder) => folder !== ''),
    join(root, 'usr/lib/x86_64-linux-gnu/nvidia/current'),
  ];
  if (folders.some((folder) => existsSync(join(folder, 'libcuda.so.1')))) return undefined;
  return {
    found: "no libcuda.so.1, the library of NVIDIA's driver",
    fix: 'in a container: set NVIDIA_DRIVER_CAPABILITIES=compute,utility; else install it (Debian: libcuda1, Ubuntu: libnvidia-compute-… of the driver’s number)',
  };
}

interface SmiAnswer {
  readonly driver?: string | undefined;
  readonly cards: readonly string[];
  readonly problem?: CardProblem | undefined;
}

async function askSmi({ env, root = '/', signal }: CardOptions): Promise<SmiAnswer> {
  const path = [env['PATH'], join(root, WSL_LIBRARIES)].filter(Boolean).join(delimiter);
  const fields = 'name,memory.total,driver_version';
  const result = await runProgram('nvidia-smi', [`--query-gpu=${fields}`, '--format=csv,noheader'], {
    env: { ...env, PATH: path },
    timeoutMs: 20_000,
    signal,
  });
  if (result.absent) return { cards: [] };
  if (result.code !== 0) {
    const said = `${result.stdout}\n${result.stderr}`.trim().split('\n')[0]?.slice(0, 200) ?? '';
    const fix = /mismatch/i.test(said)
      ? 'reboot: the driver was updated while it ran'
      : 'resolve what nvidia-smi reports; it works before TensorFlow does';
    return {
      cards: [],
      problem: { found: `nvidia-smi fails: ${said === '' ? 'it does not answer' : said}`, fix },
    };
  }
  const rows = result.stdout
    .trim()
    .split('\n')
    .map((line) => line.split(',').map((cell) => cell.trim()))
    .filter((cells) => cells.length === 3);
  return { driver: rows[0]?.[2], cards: rows.map(([name, memory]) => `${name ?? ''}, ${memory ?? ''}`) };
}

function driverVersion(root: string): string | undefined {
  const text = read(join(root, 'proc/driver/nvidia/version'));
  return /Kernel Module\b.*?\s(\d+\.\d+(?:\.\d+)?)\s/.exec(text)?.[1];
}

/** Device files of cards; a container may have been given nvidia1 alone. */
function devices(root: string): readonly string[] {
  return names(join(root, 'dev')).filter((name) => /^nvidia\d+$/.test(name));
}

/** The bus address of the first display device of NVIDIA. */
function pciCard(root: string): string | undefined {
  const folder = join(root, 'sys/bus/pci/devices');
  return names(folder).find(
    (name) =>
      read(join(folder, name, 'vendor')).trim() === '0x10de' &&
      read(join(folder, name, 'class')).startsWith('0x03'),
  );
}

function groupName(root: string, gid: number): string | undefined {
  const line = read(join(root, 'etc/group'))
    .split('\n')
    .find((text) => text.split(':')[2] === String(gid));
  return line?.split(':')[0];
}

function usable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK | constants.W_OK);
    return true;
  } catch {
    return !existsSync(path);
  }
}

function older(version: string, lowest: string): boolean {
  const [is, wanted] = [version, lowest].map((text) => text.split('.').map(Number));
  for (const [index, part] of (wanted ?? []).entries()) {
    const own = is?.[index] ?? 0;
    if (own !== part) return own < part;
  }
  return false;
}

function names(folder: string): readonly string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
