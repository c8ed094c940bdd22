export function usedBy(pids: readonly number[]): () => number;
export function withOthers<T>(
  used: () => number,
  work: () => Promise<T> | T,
): Promise<{ readonly result: T; readonly others: number }>;
