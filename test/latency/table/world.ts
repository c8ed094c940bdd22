import { createRng, ms } from '../../../src/core/index.js';
import { fingerprintDigest, type Fingerprint, type Platform } from '../../../src/latency/index.js';
import type { Network } from '../../../src/network/index.js';
import { spaceFromYaml, type Layer, type SearchSpace } from '../../../src/space/index.js';
import type { LatencyRecord } from '../../../src/trials/index.js';

export const DEVICE: Fingerprint = {
  platform: 'fake',
  batch: 1,
  backend: 'fake',
  device: 'cpu',
  deviceName: 'a made-up processor',
  threads: 1,
  versions: { fake: '1' },
  cpu: 'a made-up processor',
  cores: 1,
  os: 'linux x64',
};

/** ms of one layer on a made-up machine: starting it, arithmetic, moving numbers, and steps of 16 channels. */
export function layerMs({ op, kernel, madds, in: read, out, params, activation }: Layer): number {
  const moved = read[0] * read[1] * read[2] + out[0] * out[1] * out[2];
  const pace = op === 'dwconv' ? 4e-7 : kernel > 1 ? 1.5e-7 : 1e-7;
  const steps = Math.ceil(out[2] / 16) / (out[2] / 16);
  return (
    0.002 + madds * pace * steps + moved * 2e-7 + params * 5e-8 + (activation === 'hs' ? moved * 1e-7 : 0)
  );
}

export const RUN_MS = 0.01;

/** ms of reading or writing one number, on a machine that copies both into another layout. */
export const COPY_MS = 5e-7;
/** Parameters that fit its cache, and ms of each one beyond them. */
export const CACHE = 400_000;
export const FETCH_MS = 2e-7;

/** A machine with boundary overheads and a cache: what a segment takes alone is not what it adds to a network. */
export function bordered(network: Network): number {
  const { input, layers } = network;
  const out = layers.at(-1)?.out ?? input;
  const values = input[0] * input[1] * input[2] + out[0] * out[1] * out[2];
  const params = layers.reduce((sum, layer) => sum + layer.params, 0);
  return additive(network) + COPY_MS * values + FETCH_MS * Math.max(0, params - CACHE);
}

/** A run and its layers, nothing else. */
export function additive({ layers }: Network): number {
  return layers.reduce((sum, layer) => sum + layerMs(layer), RUN_MS);
}

export interface FakePlatform extends Platform {
  /** Networks timed so far, the empty ones not counted. */
  readonly timed: () => number;
  readonly sessions: () => number;
}

/** A platform on which a network takes what `cost` says, give or take a share `noise`. */
export function fakePlatform(
  cost: (network: Network) => number,
  { noise = 0, fingerprint = DEVICE }: { readonly noise?: number; readonly fingerprint?: Fingerprint } = {},
): FakePlatform {
  const rng = createRng('fake');
  let [timed, sessions] = [0, 0];
  return {
    name: 'fake',
    fingerprint,
    timed: () => timed,
    sessions: () => sessions,
    time(networks, _protocol, { stop }) {
      if (stop()) return Promise.resolve(null);
      sessions++;
      timed += networks.filter(({ network }) => network.layers.length > 1 || network.input[2] !== 8).length;
      return Promise.resolve(
        networks.map(({ network }): LatencyRecord => {
          const value = cost(network) * (1 + noise * rng.normal());
          return {
            source: 'measured',
            platform: 'fake',
            medianMs: ms(value),
            madMs: 0,
            p90Ms: value,
            lowMs: value * 0.99,
            highMs: value * 1.01,
            runs: 100,
            batch: 1,
            fingerprint: fingerprintDigest(fingerprint),
            samplesMs: [value],
          };
        }),
      );
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

export const SMALL_YAML = `
version: 1
name: small
hswishFrom: [never, stage2]
stem: { filters: [8, 16] }
stages:
  - { op: [dconv, mbconv], kernel: [3, 5], expansion: [3, 6], se: [none, expansion/4-hsig], filters: [16, 24], layers: [1, 2], stride: 2 }
  - { op: [conv, mbconv], kernel: 3, expansion: 3, skip: [pool, id, no], filters: [24, 32], layers: [1, 2, 3] }
head: { place: [behind, before], expansion: 3, features: [0, 64] }
`;

/** A space of which every network can be gone through. */
export function smallSpace(): SearchSpace {
  return spaceFromYaml(SMALL_YAML, { input: [16, 16, 3], classes: 5 });
}
