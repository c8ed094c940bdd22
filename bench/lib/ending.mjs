// However the bench ends, its processes and temporary folders go with it.

const last = new Set();
process.on('exit', () => last.forEach((work) => work()));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(130));

/** Does `work`, synchronous, when the process ends. @returns does it now instead */
export function atEnd(work) {
  const once = () => {
    if (last.delete(once)) work();
  };
  last.add(once);
  return once;
}
