import { join } from 'node:path';
import { NasError } from '../../core/index.js';
import { cifar10, type CifarFacts } from './cifar10.js';
import { fashionMnist, type IdxFacts } from './fashion-mnist.js';
import { debianFolder, runCommand } from './debian.js';
import type { GetOptions, GetResult, Surroundings } from './get-options.js';
import { getCifar } from './get-cifar10.js';
import { getIdx } from './get-fashion-mnist.js';
import { parseDataName } from '../spec.js';

/**
 * Brings a data set into its folder, each file whole and checked or not at all.
 *
 * In this order: what is there already; the folder given; for Fashion-MNIST Debian's package, installed or, where
 * that is allowed, downloaded; the publisher. Checked are Fashion-MNIST's contents and CIFAR-10's archive by SHA-256,
 * loose CIFAR-10 batches by size and labels.
 * @throws NasError `NAS_UNKNOWN_DATA`, `NAS_DATA_MISSING`, `NAS_DATA_BROKEN`, `NAS_DATA_DOWNLOAD`, `NAS_DATA_FOLDER`
 */
export async function getData(name: string, options: GetOptions): Promise<GetResult> {
  const { kind } = parseDataName(name);
  switch (kind) {
    case 'fashion-mnist':
      return getFashionMnist(options);
    case 'cifar10':
      return getCifar10(options);
    case 'images':
      throw new NasError({
        code: 'NAS_UNKNOWN_DATA',
        found: `${name} is a folder of yours`,
        expected: 'fashion-mnist or cifar10',
        fix: `use it directly: --data ${name}`,
      });
  }
}

/** {@link getData} for Fashion-MNIST. */
export async function getFashionMnist(
  options: GetOptions,
  facts: IdxFacts = fashionMnist,
  around: Surroundings = here(),
): Promise<GetResult> {
  const home = join(options.folder, facts.name);
  return { name: facts.name, folder: home, source: await getIdx(home, options, facts, around) };
}

/** {@link getData} for CIFAR-10. */
export async function getCifar10(options: GetOptions, facts: CifarFacts = cifar10): Promise<GetResult> {
  const home = join(options.folder, facts.name);
  return { name: facts.name, folder: home, source: await getCifar(home, options, facts) };
}

function here(): Surroundings {
  return { debianFolder, run: runCommand };
}
