/** Lines longer than this are cut into several. */
const LONGEST = 500;
const KEPT = 20;

/** Collects a stream's lines: hands each on, keeps the last ones. Control characters become blanks. */
export function lineCollector(onLine: (line: string) => void): {
  take(text: string): void;
  end(): void;
  /** What an unexpected end left: the last lines, or the last that names an error where those do not. */
  lastWords(): string;
} {
  const kept: string[] = [];
  let rest = '';
  const give = (raw: string): void => {
    const line = raw.replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ').trim();
    if (line === '') return;
    kept.push(line);
    if (kept.length > KEPT) kept.shift();
    onLine(line);
  };
  return {
    take(text) {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) give(line.slice(0, LONGEST));
      for (; rest.length > LONGEST; rest = rest.slice(LONGEST)) give(rest.slice(0, LONGEST));
    },
    end() {
      give(rest);
      rest = '';
    },
    lastWords() {
      const last = kept.slice(-3);
      const named = kept.findLast((line) => /error|exception/i.test(line));
      return named === undefined || last.includes(named) ? last.join(' | ') : named;
    },
  };
}
