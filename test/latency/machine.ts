import { createRng } from '../../src/core/index.js';
import {
  fingerprintOf,
  REFERENCE_NAME,
  referenceNetwork,
  type Device,
  type Runnable,
  type Timed,
} from '../../src/latency/index.js';

/** How many times longer a run takes at this moment (ms of the virtual clock) than on the machine at rest. */
export type Slowness = (atMs: number, uniform: () => number) => number;

export const atRest: Slowness = () => 1;
export const slower =
  (times: number): Slowness =>
  () =>
    times;
/** Grows by `share` every second, without end. */
export const linear =
  (share: number, from = 1): Slowness =>
  (at) =>
    from + (share * at) / 1000;
/** From some moment on. */
export const step =
  (times: number, fromMs: number): Slowness =>
  (at) =>
    at < fromMs ? 1 : times;
export const spikes =
  (share: number): Slowness =>
  (_, uniform) =>
    uniform() < share ? 2 + 8 * uniform() : 1;
export const periodic =
  (share: number, periodMs: number): Slowness =>
  (at) =>
    1 + share * (1 + Math.sin((2 * Math.PI * at) / periodMs));

/** A machine on a virtual clock: what a run takes depends on the network, the moment and chance. */
export function machine(seed: string | number = 1) {
  const rng = createRng(seed);
  let clock = 0;
  let slowness: Slowness = atRest;
  let began = 0;
  const order: number[] = [];
  return {
    order,
    now: () => clock,
    elapsed: () => clock - began,
    /** From now on the machine behaves so; its `atMs` counts from now. */
    become(next: Slowness) {
      slowness = next;
      began = clock;
    },
    /** Takes `ms` at rest, give or take `noise`. */
    program(id: number, ms: number, noise = 0.01): Timed {
      return {
        time(count) {
          order.push(id);
          return Array.from({ length: count }, () => {
            const wobble = 1 + noise * (2 * rng.uniform() - 1);
            const taken = ms * wobble * slowness(clock - began, () => rng.uniform());
            clock += taken;
            return taken;
          });
        },
      };
    },
  };
}

const info = {
  backend: 'simulated',
  device: 'cpu',
  name: 'none',
  threads: 1,
  versions: { clock: '1' },
} as const;

/** A device on such a machine. A network takes what is written in its weights as `ms`; the reference takes 1 ms. */
export function simulated(on: ReturnType<typeof machine>): Device & { readonly open: Device['open'] } {
  return {
    fingerprint: fingerprintOf('simulated', info, 1),
    leastBurst: 1,
    open: ({ weights }) => {
      const given = weights.get('ms')?.[0];
      return Promise.resolve({ ...on.program(0, given ?? 1), dispose: () => undefined });
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/** A network for {@link simulated}. */
export function network(ms: number): Runnable {
  return { network: referenceNetwork().network, weights: new Map([['ms', Float32Array.of(ms)]]) };
}

export { REFERENCE_NAME };
