import { createHash } from 'node:crypto';
import { canonical } from './json.js';

/** SHA-256 over the canonical JSON of a plain value, as 64 hexadecimal digits. Equal data, equal digest. */
export function digest(value: unknown): string {
  return createHash('sha256').update(canonical(value)).digest('hex');
}
