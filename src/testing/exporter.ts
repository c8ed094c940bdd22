import { describe, expect, it } from 'vitest';
import type { Exporter, TrainedNetwork } from '../export/index.js';
import { skipTests, type Skipping } from './skip.js';

/** What every exporter promises; `trained` is any network with more than one class and more than one channel. */
export function describeExporter(exporter: Exporter, trained: TrainedNetwork, skipping: Skipping = {}): void {
  describe(`exporter ${exporter.format}`, () => {
    skipTests(skipping);

    it('writes files with relative, distinct paths and something in them', () => {
      const artifacts = exporter.export(trained);
      const paths = artifacts.map(({ path }) => path);
      expect(artifacts.length).toBeGreaterThan(0);
      expect(new Set(paths).size).toBe(paths.length);
      for (const { path, bytes, mediaType } of artifacts) {
        expect(path).toMatch(/^[a-z0-9][a-z0-9._-]*(\/[a-z0-9][a-z0-9._-]*)*$/i);
        expect(mediaType).toMatch(/^[a-z]+\/[a-z0-9.+-]+$/);
        expect(bytes.length).toBeGreaterThan(0);
      }
    });

    it('names the trial, the architecture and the classes in one of them', () => {
      const texts = exporter.export(trained).map(({ bytes }) => Buffer.from(bytes).toString());
      for (const word of [trained.study ?? 'null', `"trial":${trained.trial}`, ...trained.classes])
        expect(texts.some((text) => text.replaceAll('": ', '":').includes(word))).toBe(true);
    });

    it('writes the same bytes each time and leaves the weights alone', () => {
      const before = structuredClone(trained.weights);
      const first = exporter.export(trained);
      expect(exporter.export(trained)).toEqual(first);
      expect(trained.weights).toEqual(before);
    });

    it('refuses class names, means and weights that do not fit', () => {
      expect(() => exporter.export({ ...trained, classes: ['one'] })).toThrow(RangeError);
      expect(() => exporter.export({ ...trained, mean: [] })).toThrow(RangeError);
      expect(() => exporter.export({ ...trained, weights: new Map() })).toThrow(RangeError);
    });
  });
}
