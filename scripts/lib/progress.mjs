/**
 * Progress of a plan of steps on a terminal or in a log: a line for each step that ends, and meanwhile one that
 * says what is at work, for how long, and about how long the rest takes.
 *
 * plan: { name: { seconds, after? } }, seconds as measured on two cores; steps with the same `after` overlap.
 */
export function createProgress(plan, out = process.stderr) {
  const begun = performance.now();
  const steps = new Map(Object.entries(plan).map(([name, step]) => [name, { ...step, state: 'waiting' }]));
  const every = out.isTTY ? 1000 : 10_000;
  const timer = setInterval(show, every);
  timer.unref();

  function left(name, step) {
    if (step.state === 'done') return 0;
    const own =
      step.state === 'waiting'
        ? step.seconds
        : step.fraction > 0.05
          ? (seconds(step.since) / step.fraction) * (1 - step.fraction)
          : Math.max(2, step.seconds - seconds(step.since), seconds(step.since) / 5);
    const before = step.after === undefined ? 0 : left(step.after, steps.get(step.after));
    return own + before;
  }

  function seconds(since) {
    return (performance.now() - since) / 1000;
  }

  function show() {
    const running = [...steps].filter(([, step]) => step.state === 'running');
    if (running.length === 0) return;
    const what = running.map(([name, { detail }]) => (detail ? `${name} (${detail})` : name)).join(', ');
    const rest = Math.max(...[...steps].map(([name, step]) => left(name, step)));
    write(`${what} … about ${duration(rest)} left`, !out.isTTY);
  }

  function write(text, ends) {
    const line = `[${clock(seconds(begun))}] ${text}`;
    if (!out.isTTY) out.write(`${line}\n`);
    else out.write(`\r\x1b[K${ends ? `${line}\n` : line.slice(0, (out.columns ?? 80) - 1)}`);
  }

  return {
    /** Runs a step; what it throws propagates. The function gets `detail(text, fraction?)`. */
    async step(name, work) {
      const step = steps.get(name);
      Object.assign(step, { state: 'running', since: performance.now() });
      show();
      await work((detail, fraction) => Object.assign(step, { detail, fraction }));
      step.state = 'done';
      write(`${name}: done in ${duration(seconds(step.since))}`, true);
    },
    /** Counts a step as done without a word. */
    skip(name) {
      steps.get(name).state = 'done';
    },
    note: (text) => write(text, true),
    end() {
      clearInterval(timer);
      if (out.isTTY) out.write('\r\x1b[K');
    },
  };
}

function clock(seconds) {
  return `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, '0')}`;
}

function duration(seconds) {
  return seconds < 90 ? `${Math.ceil(seconds)} s` : `${Math.ceil(seconds / 60)} min`;
}
