// Command lines of benches: lists, numbers, and how a command is noted with its results.

export const list = (text) => text.split(',').filter((word) => word !== '');

/** The words, all of them known. @throws RangeError that names those there are */
export function oneOf(option, words, known) {
  for (const word of words)
    if (!known.includes(word)) throw new RangeError(`--${option}: ${word} is none of ${known.join(', ')}`);
  return words;
}

export function positive(option, text) {
  const number = Number(text);
  if (number > 0 && Number.isFinite(number)) return number;
  throw new RangeError(`--${option}: ${text} is not a number above 0`);
}

/** The command as noted with results: without a folder of this machine. */
export function commandLine(command, args) {
  const kept = args.filter(
    (arg, i) => arg !== '--out' && args[i - 1] !== '--out' && !arg.startsWith('--out='),
  );
  return [command, ...(kept.length > 0 ? ['--', ...kept] : [])].join(' ');
}

/** Runs a bench's main function; what goes wrong is one line. */
export async function main(file, run) {
  try {
    await run();
  } catch (error) {
    process.stderr.write(`${file}: ${error instanceof Error ? error.message : error}\n`);
    process.exitCode = 1;
  }
}

export const log = (text) => process.stdout.write(`${text}\n\n`);

/** Shows progress on one line of a terminal. */
export const progress = (what) => (round, rounds) => {
  if (process.stderr.isTTY)
    process.stderr.write(`\r\x1b[K${round < rounds ? `${what}: ${round}/${rounds}` : ''}`);
};
