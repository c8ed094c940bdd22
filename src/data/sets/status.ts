import { join } from 'node:path';
import { cifar10 } from './cifar10.js';
import { fashionMnist } from './fashion-mnist.js';
import { isReadable } from '../files.js';
import { cifarProblem } from './get-cifar10.js';
import { problemOf } from './get-fashion-mnist.js';

export interface DataStatus {
  readonly name: string;
  readonly folder: string;
  /** `absent`: its folder is not there. */
  readonly state: 'present' | 'absent' | 'broken';
  /** What is wrong; null when nothing is. */
  readonly problem: string | null;
}

/** Which data sets a folder holds; every file is read and checked, which takes seconds. */
export async function dataStatus(folder: string): Promise<readonly DataStatus[]> {
  const { train, test } = fashionMnist;
  const files = [train.images, train.labels, test.images, test.labels];
  return [
    await statusOf(folder, fashionMnist.name, (home) => problemOf(files, home)),
    await statusOf(folder, cifar10.name, (home) => cifarProblem(home, cifar10)),
  ];
}

async function statusOf(
  folder: string,
  name: string,
  problem: (home: string) => Promise<string | null>,
): Promise<DataStatus> {
  const home = join(folder, name);
  if (!(await isReadable(home))) return { name, folder: home, state: 'absent', problem: null };
  const found = await problem(home);
  return { name, folder: home, state: found === null ? 'present' : 'broken', problem: found };
}
