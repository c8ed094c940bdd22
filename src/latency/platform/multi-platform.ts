import type { AlsoRecord, LatencyRecord } from '../../trials/index.js';
import type { Platform } from './platform.js';

/** A further platform, with the limit on it. */
export interface FurtherPlatform {
  readonly platform: Platform;
  readonly targetMs: number;
}

/**
 * Several platforms as one: each network is timed on one after the other, the first one's record is the answer and the
 * others' lie in its `also`. Closing it closes all.
 */
export function multiPlatform(first: Platform, further: readonly FurtherPlatform[]): Platform {
  if (further.length === 0) return first;
  return {
    name: first.name,
    fingerprint: first.fingerprint,
    further: further.map(({ platform }) => platform.fingerprint),
    async time(networks, protocol, surroundings) {
      const records = await first.time(networks, protocol, surroundings);
      const columns: (readonly LatencyRecord[])[] = [];
      for (const { platform } of further) {
        const found = records === null ? null : await platform.time(networks, protocol, surroundings);
        if (found === null) return null;
        columns.push(found);
      }
      return (records ?? []).map((record, row) => ({
        ...record,
        also: columns.map((column, i): AlsoRecord => {
          const found = column[row];
          const target = further[i];
          if (found === undefined || target === undefined)
            throw new TypeError('a platform gave fewer records');
          return { ...found, targetMs: target.targetMs };
        }),
      }));
    },
    async [Symbol.asyncDispose]() {
      for (const platform of [first, ...further.map((one) => one.platform)])
        await platform[Symbol.asyncDispose]();
    },
  };
}
