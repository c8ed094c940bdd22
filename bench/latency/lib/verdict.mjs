// Whether the best networks of two searches differ, and why or why not, in sentences that figures stand behind.

/** Two accuracies are distinguished when they differ by more than this many standard errors. */
const SURE = 1.96;

/**
 * @param best per platform `{ text, accuracy }` of its search
 * @param on per platform, of both best networks in that order: `ms`, `rank` and whether they meet the target there;
 *   `comparisons` of the first with the second, one a session
 * @param tau Kendall's τ between the two platforms' orders of all timed networks
 * @param pictures that accuracies are of
 */
export function verdict({ best, on, tau, timed, pictures }) {
  const [a, b] = Object.keys(best);
  const order = `the order of ${timed} timed networks on both platforms has τ ${tau.toFixed(2)}`;
  if (best[a].text === best[b].text)
    return [
      'the same network',
      `it is the most accurate of either search that meets its target: ${[a, b].map((name) => shownOn(name, on[name].first)).join('; ')}`,
      order,
    ];
  return [
    'different networks',
    ...[a, b].map((name) => comparedOn(name, on[name], [a, b])),
    order,
    ...[a, b].map((name) => missed(name, on[name], [a, b])).filter((line) => line !== null),
    byAccuracy(best[a].accuracy, best[b].accuracy, pictures),
  ];
}

const shownOn = (name, { ms, rank, meets }) =>
  `${ms.toFixed(3)} ms on ${name}, rank ${rank}, target ${meets ? 'met' : 'missed'}`;

function comparedOn(name, { first, second, comparisons }, [a, b]) {
  const kinds = [...new Set(comparisons)];
  const kind = kinds.length === 1 ? kinds[0] : 'indistinguishable';
  const word = kind === 'indistinguishable' ? 'indistinguishable from' : `${kind} than`;
  return (
    `on ${name} the best of ${a} (${first.ms.toFixed(3)} ms, rank ${first.rank}) is ${word} the best of ${b} ` +
    `(${second.ms.toFixed(3)} ms, rank ${second.rank}); sessions said: ${comparisons.join(', ')}`
  );
}

/** What kept a search from the other's best network: its target. */
function missed(name, { first, second }, [a, b]) {
  const [other, foreign] = name === a ? [b, second] : [a, first];
  return foreign.meets ? null : `the best of ${other} does not meet the target on ${name}`;
}

function byAccuracy(x, y, pictures) {
  const error = Math.sqrt((x * (1 - x) + y * (1 - y)) / pictures);
  const apart = Math.abs(x - y) > SURE * error;
  return (
    `their accuracies, ${x.toFixed(4)} and ${y.toFixed(4)} of ${pictures} pictures, are ` +
    (apart ? 'apart by more than chance' : `indistinguishable (± ${(SURE * error).toFixed(4)})`)
  );
}
