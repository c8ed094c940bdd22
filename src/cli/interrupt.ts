import { isHangupIgnored } from './nohup.js';
import { NasError } from '../core/index.js';
import { STOPPED } from './output.js';

/**
 * Ctrl-C, SIGTERM and the end of the terminal as a signal: the first one stops cleanly, a second one ends the program
 * immediately (the store is whole at every moment). Under `nohup` the end of the terminal stops nothing.
 */
export function interruption(note: (text: string) => void): AbortSignal {
  const controller = new AbortController();
  const stop = (name: NodeJS.Signals): void => {
    if (controller.signal.aborted) process.exit(130);
    note(
      `\n${name === 'SIGINT' ? 'Ctrl-C' : name}: stopping after the current steps (again to stop immediately) …`,
    );
    controller.abort(new NasError({ code: STOPPED, found: name }));
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  process.on('SIGHUP', isHangupIgnored(process.env) ? () => undefined : stop);
  return controller.signal;
}
