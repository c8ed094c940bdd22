import { formatMs, ms } from '../../core/index.js';
import { againstTarget, type AgainstTarget, type LatencyRecord } from '../../trials/index.js';

/** Whether a network keeps its target, in words: `misses the target of 1 ms by 69 %`. */
export function targetText(record: LatencyRecord, targetMs: number): string {
  const against = againstTarget(record, targetMs);
  const place = (record.also ?? []).length === 0 ? '' : ` on ${against.platform}`;
  const target = `the target of ${formatMs(ms(against.targetMs))}${place}`;
  switch (against.verdict) {
    case 'meets':
      return `meets ${target}`;
    case 'within noise':
      return `is within noise of ${target} (${intervalText(against)})`;
    case 'misses':
      return `misses ${target} by ${Math.ceil(100 * (against.medianMs / against.targetMs - 1))} %`;
  }
}

function intervalText({ lowMs, highMs }: AgainstTarget): string {
  return `95 % within ${lowMs.toPrecision(3)}–${highMs.toPrecision(3)} ms`;
}
