import type { Fingerprint } from '../platform/fingerprint.js';
import type { Timed } from '../protocol/session.js';
import type { Hold } from '../protocol/cpu-affinity.js';
import type { Runnable } from '../platform/platform.js';

/** A network made ready to run on a device, weights and input inside; only {@link Timed.time} is timed. */
export interface Program extends Timed {
  dispose(): void | Promise<void>;
}

/**
 * Where networks run to be timed. Knows nothing of the protocol, which is the same on all devices: it opens a network
 * and times single runs of it, without loading, transfer or first-run costs.
 */
export interface Device extends AsyncDisposable {
  readonly fingerprint: Fingerprint;
  /**
   * Timed runs in a row that are worth a call: 1 where a call costs nothing, more where each starts a process or
   * crosses a network.
   */
  readonly leastBurst: number;
  /** True where runs happen on another machine than this one, whose clocks and load are then none of theirs. */
  readonly elsewhere?: boolean;
  /**
   * Ends running calls, which may take minutes, so that they reject; later ones work. Absent where calls are short or
   * cannot be ended.
   */
  readonly cancel?: () => void;
  /** True where runs come as numbers that a program printed, perhaps rounded. */
  readonly printed?: boolean;
  /** Surrounds the timing of each session, without what comes before it. */
  readonly hold?: Hold | undefined;
  /** @throws NasError when the device cannot be reached or cannot take the network */
  open(runnable: Runnable): Promise<Program>;
}

/**
 * Writes a network as an ONNX file of a fixed batch, normalisation folded; handed in, since exporting is another room's work.
 * With `int8` in whole numbers of 8 bits whose ranges are assumed: it takes its time and answers nothing of use.
 */
export type OnnxWriter = (runnable: Runnable, batch: number, int8?: boolean) => Uint8Array;
