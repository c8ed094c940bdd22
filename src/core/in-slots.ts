/**
 * Runs work on each item, as many at a time as there are slots, in order of the list. A slot takes the next item when its work is
 * done; what throws ends its slot and the whole.
 */
export async function inSlots<T>(
  slots: number,
  items: readonly T[],
  work: (item: T) => Promise<void>,
): Promise<void> {
  const waiting = [...items];
  const slot = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await work(next);
  };
  await Promise.all(Array.from({ length: slots }, slot));
}
