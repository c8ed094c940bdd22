import { NasError } from '../core/index.js';

/** One of the two standard streams, which may be closed or full at any moment. Writing to it never throws. */
export interface Sink {
  write(text: string): void;
  /** Why nothing can be written any more; undefined while all is well. */
  readonly failure: NodeJS.ErrnoException | undefined;
  /** Resolves when everything is written or lost. */
  flushed(): Promise<void>;
}

/** @param onLost gets each text that could not be written */
export function createSink(stream: NodeJS.WriteStream, onLost: (text: string) => void): Sink {
  let failure: NodeJS.ErrnoException | undefined;
  stream.on('error', (error: NodeJS.ErrnoException) => {
    failure ??= error;
  });
  return {
    get failure() {
      return failure;
    },
    write(text) {
      if (failure !== undefined) return onLost(text);
      stream.write(text, (error) => {
        if (error == null) return;
        failure ??= error;
        onLost(text);
      });
    },
    flushed: () =>
      new Promise((resolve) => {
        if (failure !== undefined) return resolve();
        stream.write('', () => {
          resolve();
        });
      }),
  };
}

/** Whether the reader went away, which is its right: `| head` has read enough. */
export function isReaderGone({ code }: NodeJS.ErrnoException): boolean {
  return code === 'EPIPE';
}

export function outputFailed({ code = 'unknown error' }: NodeJS.ErrnoException): NasError {
  return new NasError({
    code: 'NAS_OUTPUT_FAILED',
    found: `the output could not be written (${code})${code === 'ENOSPC' ? ': no space is left' : ''}`,
    fix: 'make room, or send the output elsewhere',
  });
}
