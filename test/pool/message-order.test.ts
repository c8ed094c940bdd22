import { describe, expect, it } from 'vitest';
import { checkHostSpec } from '../../src/pool/spec.js';
import { openWorkerPool, type Threads } from '../../src/pool/worker/worker-pool.js';
import type { Task, TaskAnswer, WorkerMessage } from '../../src/pool/worker/tasks.js';
import type { Outcome } from '../../src/trials/index.js';
import { fakeSpec, job } from './helpers.js';

const outcome: Outcome = { state: 'failed', reason: 'scripted', latency: null, curve: [], seconds: 0 };

/** Threads whose result port is quicker than their message port, by as much as it takes to see who waits. */
function quickResults(messages: readonly WorkerMessage[], sent = messages.length): () => Threads {
  return () => {
    let listener: (message: WorkerMessage) => void = () => undefined;
    const threads: unknown = {
      threads: [],
      on: (event: string, listen: (message: WorkerMessage) => void) => {
        if (event === 'message') listener = listen;
      },
      run(task: Task): Promise<TaskAnswer> {
        if (task.kind !== 'evaluate')
          return Promise.resolve({ result: { fingerprint: {} as never }, sent: 0 });
        messages.forEach((message, i) => setTimeout(() => listener(message), 10 * (i + 1)));
        return Promise.resolve({ result: outcome, sent });
      },
      destroy: () => Promise.resolve(),
    };
    return threads as Threads;
  };
}

const progress = (done: number): WorkerMessage => ({
  kind: 'progress',
  id: 1,
  progress: { trial: 1, phase: 'training', done, loss: null, accuracy: null },
});

describe('a task whose result arrives before its messages', () => {
  it('ends only when its last progress was heard', async () => {
    const heard: number[] = [];
    const messages = [{ kind: 'begun', id: 1, thread: 1 } as const, progress(0.5), progress(1)];
    const workerPool = await openWorkerPool(
      checkHostSpec(fakeSpec('checkpoints')),
      null,
      { progress: (_, { done }) => heard.push(done), alive: () => undefined },
      quickResults(messages),
    );
    expect(await workerPool.evaluate(1, 1, job(1))).toEqual({ outcome, hung: false });
    expect(heard).toEqual([0.5, 1]);
    await workerPool.close();
  });

  it('that sent nothing ends immediately', async () => {
    const listener = { progress: () => undefined, alive: () => undefined };
    const workerPool = await openWorkerPool(checkHostSpec(fakeSpec('c')), null, listener, quickResults([]));
    expect((await workerPool.evaluate(1, 1, job(1))).outcome).toEqual(outcome);
    await workerPool.close();
  });
});
