import { mean, nonNegativeLeastSquares } from '../../core/index.js';
import type { Features } from './features.js';

export interface Example {
  readonly features: Features;
  /** > 0 */
  readonly latencyMs: number;
}

/** Milliseconds that one unit of each feature takes, all ≥ 0; plain data that crosses threads. */
export type Model = ReadonlyMap<string, number>;

/** Latency in ms of a network with these features. */
export function latencyBy(model: Model, features: Features): number {
  return [...features].reduce((sum, [name, amount]) => sum + amount * (model.get(name) ?? 0), 0);
}

/** Share of the mean squared size of a feature. */
const RIDGE = 1e-3;

/**
 * A sum of features with non-negative weights, fitted for the least relative error: 0.3 ms off counts fully at 3 ms
 * and a tenth of it at 30.
 */
export function fitModel(examples: readonly Example[]): Model {
  const names = [...new Set(examples.flatMap(({ features }) => [...features.keys()]))].sort();
  const relative = ({ features, latencyMs }: Example) =>
    names.map((name) => (features.get(name) ?? 0) / latencyMs);
  const scales = names.map(
    (name) =>
      Math.sqrt(
        mean(examples.map(({ features, latencyMs }) => ((features.get(name) ?? 0) / latencyMs) ** 2)),
      ) || 1,
  );
  const rows = examples.map((example) => relative(example).map((value, i) => value / (scales[i] as number)));
  const weights = nonNegativeLeastSquares(
    rows,
    examples.map(() => 1),
    RIDGE * examples.length,
  );
  return new Map(names.map((name, i) => [name, (weights[i] as number) / (scales[i] as number)]));
}
