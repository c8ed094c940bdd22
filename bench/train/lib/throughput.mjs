// Steps per second of several concurrent trainings, counted only while all of them train.

/**
 * @param timelines per training its `{ at, steps }` in order: the number of steps done by that second (any one clock)
 * @returns seconds in which every training was running, and the steps all of them did in it; the pace between two
 *   entries is taken as even
 */
export function together(timelines) {
  const from = Math.max(...timelines.map((line) => line[0].at));
  const to = Math.min(...timelines.map((line) => line.at(-1).at));
  if (!(to > from)) throw new Error('the trainings were never all running at the same time');
  const steps = timelines.reduce((sum, line) => sum + stepsAt(line, to) - stepsAt(line, from), 0);
  return { seconds: to - from, steps };
}

function stepsAt(line, time) {
  const after = Math.max(
    1,
    line.findIndex(({ at }) => at >= time),
  );
  const [a, b] = [line[after - 1], line[after]];
  return a.steps + ((b.steps - a.steps) * (time - a.at)) / (b.at - a.at);
}
