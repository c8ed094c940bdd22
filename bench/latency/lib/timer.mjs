// Times networks in a separate process, with TensorFlow's environment as an evaluator host has it.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { tensorflowEnvironment } from '../../../dist/backends/index.js';
import { atEnd } from '../../lib/ending.mjs';

const LAST_WORDS = 500;

/**
 * Starts the process and opens the platform there.
 * @param folder of what is known of devices, so that all processes put their latencies on one scale
 * @param environment variables that are otherwise there
 * @returns `time(texts, seed)` times networks in turns, in one session, and resolves to their records without samples
 */
export async function openTimer({ platform, threads, folder = '', environment = {} }) {
  const child = fork(
    fileURLToPath(new URL('timer-child.mjs', import.meta.url)),
    [platform, String(threads), folder],
    {
      env: {
        ...process.env,
        ...tensorflowEnvironment({ flavour: 'cpu', threads, deterministic: false }),
        ...environment,
      },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    },
  );
  const forget = atEnd(() => child.kill('SIGKILL'));
  let words = '';
  child.stderr.on('data', (text) => (words = (words + text).slice(-LAST_WORDS)));
  const gone = once(child, 'exit');
  const answer = async () => {
    const heard = new AbortController();
    try {
      const [message] = await Promise.race([
        once(child, 'message', { signal: heard.signal }),
        gone.then(([code, signal]) => [
          { error: `the process that times ended with ${signal ?? code}: ${words.trim()}` },
        ]),
      ]);
      if (message.error !== undefined) throw new Error(`${platform}: ${message.error}`);
      return message.ok;
    } finally {
      heard.abort();
    }
  };
  const ask = (message) => {
    const result = answer();
    child.send(message, () => undefined);
    return result;
  };
  const fingerprint = await answer();
  return {
    fingerprint,
    time: (texts, seed) => ask({ texts, seed }),
    async close() {
      await ask('close');
      await gone;
      forget();
    },
  };
}

/** Runs work with a timer and always ends it. */
export async function withTimer(options, work) {
  const timer = await openTimer(options);
  try {
    return await work(timer);
  } finally {
    await timer.close();
  }
}
