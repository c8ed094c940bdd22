import type { Exported } from '../../app/index.js';
import { formatMs, formatPercent } from '../../core/index.js';

type Int8Facts = NonNullable<Exported['int8']>;

/** What is known of a network in whole numbers of 8 bits, next to its float one. */
export function int8Lines({ accuracy, ranges, float, time }: Int8Facts): readonly string[] {
  const of = {
    training: 'training pictures',
    'held-out': 'held-out training pictures',
    random: 'pictures of random pixels',
  }[ranges.of];
  const share =
    ranges.coverage === 1 ? 'smallest to largest number' : `${100 * ranges.coverage} % of the numbers`;
  const kept = float.length === 0 ? 'nothing stays in float' : `in float stay ${float.join(', ')}`;
  return [
    accuracy === null
      ? 'int8: accuracy not counted'
      : `int8: ${accuracy.correct} of ${accuracy.count} correct (${formatPercent(accuracy.value)}); in float ${formatPercent(accuracy.float)}`,
    `ranges from ${share}, of ${ranges.pictures} ${of}; ${kept}`,
    ...(ranges.of === 'random'
      ? ['ranges of random pixels serve to measure time: expect wrong answers']
      : []),
    timeLine(time),
  ];
}

function timeLine({ int8Ms, floatMs, threads, runtime }: Int8Facts['time']): string {
  const verdict = int8Ms < floatMs ? 'faster' : 'slower';
  const where = `${runtime}, ${threads} ${threads === 1 ? 'thread' : 'threads'}`;
  return `${verdict} here than in float: ${formatMs(int8Ms)} against ${formatMs(floatMs)} (${where})`;
}
