import { Worker } from 'node:worker_threads';
import { entryFile, NasError } from '../core/index.js';
import type { Problem } from '../report/index.js';
import type { Answered, Asked, Question } from './answer.js';

/** Answers in JSON text, read in a separate thread: a study of 100,000 trials takes seconds to read. */
export interface Answers extends AsyncDisposable {
  /** @throws NasError as `answerTo`, `NAS_BUG` for a bug there; Error where the thread ended */
  answer(question: Question): Promise<string>;
}

interface Waiting {
  resolve(text: string): void;
  reject(error: Error): void;
}

/** @throws NasError `NAS_NOT_BUILT` */
export function answersFrom(runs: string): Answers {
  const entry = entryFile(import.meta.url, 'answer-thread');
  const waiting = new Map<number, Waiting>();
  let thread: Worker | undefined;
  let asked = 0;

  function start(): Worker {
    const started = new Worker(entry, { workerData: runs });
    started.on('message', (answered: Answered) => {
      const who = waiting.get(answered.id);
      waiting.delete(answered.id);
      if ('text' in answered) who?.resolve(answered.text);
      else who?.reject(errorOf(answered.problem));
    });
    // The next question starts another one.
    const end = (error: Error): void => {
      thread = undefined;
      const lost = [...waiting.values()];
      waiting.clear();
      for (const { reject } of lost) reject(error);
    };
    started.on('error', end);
    started.on('exit', (code) => {
      if (thread === started) end(new Error(`the thread that reads studies ended with code ${code}`));
    });
    return started;
  }

  return {
    answer(question) {
      const id = ++asked;
      return new Promise((resolve, reject) => {
        waiting.set(id, { resolve, reject });
        thread ??= start();
        thread.postMessage({ id, question } satisfies Asked);
      });
    },
    async [Symbol.asyncDispose]() {
      await thread?.terminate();
    },
  };
}

function errorOf({ code, found, expected, fix }: Problem): NasError {
  return new NasError({
    code,
    found,
    ...(expected === undefined ? {} : { expected }),
    ...(fix === undefined ? {} : { fix }),
  });
}
