import { formatDuration, type RetryEvent } from '../../core/index.js';

/** A line for the user and the log. */
export function retryText(event: RetryEvent): string {
  switch (event.kind) {
    case 'waiting': {
      const { fault, limitSeconds } = event;
      const fix = fault.fix === undefined ? '' : ` (${fault.fix})`;
      return (
        `waiting: ${fault.found} [${fault.code}]${fix}; nothing is lost, ` +
        `trying again after 1, 2, 4, … 60 s for at most ${formatDuration(limitSeconds)} …`
      );
    }
    case 'recovered':
      return `resuming after ${formatDuration(event.seconds)}`;
    case 'gave up':
      return `still so after ${formatDuration(event.seconds)}: ending; the study can be resumed`;
  }
}
