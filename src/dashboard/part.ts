import type { Points, StudyPart, StudyView } from '../report/index.js';

/** The view with its points from index `from` on, or with all where the asker knows another study of that name. */
export function partOf(view: StudyView, { from, created }: { from: number; created: number }): StudyPart {
  const start = created === view.head.createdAt ? Math.min(from, view.points.trial.length) : 0;
  if (start === 0) return { from: 0, view };
  const entries = Object.entries(view.points) as [string, readonly unknown[]][];
  const points = Object.fromEntries(entries.map(([name, values]) => [name, values.slice(start)]));
  return { from: start, view: { ...view, points: points as unknown as Points } };
}
