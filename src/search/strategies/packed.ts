import type { SearchSpace } from '../../space/index.js';
import { isGenomeOf, type Observation } from './observation.js';

/** Observations of one text: long enough that a store keeps it once, however many states refer to it. */
const PER_TEXT = 128;
/** Bytes of the two numbers behind the genes. */
const NUMBERS = 16;

/**
 * Observations ↔ short texts, exactly: base64 of, for each, its genes (2 bytes each), score and latency (float64, little-endian,
 * NaN for null). All texts but the last are full and never change, so a growing list is saved at the price of its end.
 */
export function packObservations(list: readonly Observation[], full: string[] = []): readonly string[] {
  while ((full.length + 1) * PER_TEXT <= list.length)
    full.push(pack(list.slice(full.length * PER_TEXT).slice(0, PER_TEXT)));
  const rest = list.slice(full.length * PER_TEXT);
  return rest.length === 0 ? [...full] : [...full, pack(rest)];
}

/** The observations, or undefined where the texts are not of this space. */
export function unpackObservations(texts: unknown, space: SearchSpace): Observation[] | undefined {
  if (!Array.isArray(texts)) return undefined;
  const list: Observation[] = [];
  const length = 2 * space.choices.length + NUMBERS;
  for (const text of texts as unknown[]) {
    if (typeof text !== 'string') return undefined;
    const bytes = Buffer.from(text, 'base64');
    if (bytes.length === 0 || bytes.length % length !== 0) return undefined;
    for (let at = 0; at < bytes.length; at += length) {
      const genome = space.choices.map((_, i) => bytes.readUInt16LE(at + 2 * i));
      if (!isGenomeOf(space, genome)) return undefined;
      const [score, latency] = [
        bytes.readDoubleLE(at + length - NUMBERS),
        bytes.readDoubleLE(at + length - 8),
      ];
      list.push({ genome, score: orNull(score), latency: orNull(latency) });
    }
  }
  return list;
}

function pack(list: readonly Observation[]): string {
  return Buffer.concat(
    list.map(({ genome, score, latency }) => {
      const bytes = Buffer.alloc(2 * genome.length + NUMBERS);
      for (const [i, gene] of genome.entries()) bytes.writeUInt16LE(gene, 2 * i);
      bytes.writeDoubleLE(score ?? Number.NaN, 2 * genome.length);
      bytes.writeDoubleLE(latency ?? Number.NaN, 2 * genome.length + 8);
      return bytes;
    }),
  ).toString('base64');
}

function orNull(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}
