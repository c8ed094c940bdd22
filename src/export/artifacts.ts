import type { Artifact } from './exporter.js';

export function textArtifact(path: string, text: string, mediaType: string): Artifact {
  return { path, bytes: new TextEncoder().encode(text), mediaType };
}

/** A value as indented JSON. */
export function jsonArtifact(path: string, value: unknown): Artifact {
  return textArtifact(path, `${JSON.stringify(value, null, 2)}\n`, 'application/json');
}
