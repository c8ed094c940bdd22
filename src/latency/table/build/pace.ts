import { nonNegativeLeastSquares } from '../../../core/index.js';

export interface Todo {
  readonly effort: number;
}

/** Seconds by number of segments and their work, learned from the batches so far. */
export function paceOf() {
  const rows: number[][] = [];
  const seconds: number[] = [];
  const columns = (todo: readonly Todo[]) => [
    todo.length,
    todo.reduce((sum, { effort }) => sum + effort, 0) / 1e6,
  ];
  const estimate = (todo: readonly Todo[]): number | null => {
    if (seconds.length === 0) return null;
    const [perPiece = 0, perWork = 0] = nonNegativeLeastSquares(rows, seconds, 1e-6);
    const [segments = 0, work = 0] = columns(todo);
    return perPiece * segments + perWork * work;
  };
  return Object.assign(estimate, {
    add(batch: readonly Todo[], took: number) {
      rows.push(columns(batch));
      seconds.push(took);
    },
  });
}
