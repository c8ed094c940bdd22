import { setTimeout as sleep } from 'node:timers/promises';

/** Seconds that messages of a thread that has answered may take; they are on their way already. */
const LATE_SECONDS = 10;

/**
 * A task's messages come by another port than its result, so the result may arrive first. The receiver of the result
 * waits for as many messages as it says were sent: a task's last progress is always heard before its outcome.
 */
export interface MessageOrder {
  begin(id: number): void;
  /** A message of the task has come. */
  heard(id: number): void;
  /** Resolves when the given number has. */
  all(id: number, sent: number): Promise<void>;
  end(id: number): void;
}

export function messageOrder(): MessageOrder {
  const tasks = new Map<number, { heard: number; changed: () => void }>();
  return {
    begin: (id) => void tasks.set(id, { heard: 0, changed: () => undefined }),
    heard(id) {
      const task = tasks.get(id);
      if (task === undefined) return;
      task.heard++;
      task.changed();
    },
    async all(id, sent) {
      const task = tasks.get(id);
      if (task === undefined || task.heard >= sent) return;
      const complete = new Promise<void>((resolve) => {
        task.changed = () => (task.heard >= sent ? resolve() : undefined);
      });
      await Promise.race([complete, sleep(1000 * LATE_SECONDS, undefined, { ref: false })]);
    },
    end: (id) => void tasks.delete(id),
  };
}
