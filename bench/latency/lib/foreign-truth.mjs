import { knownSegment } from '../../../dist/latency/table/key.js';
import { widthsOf } from '../../../dist/latency/table/build/widths.js';
import { workOf } from '../../../dist/latency/table/work.js';

/** Work of a table's key by kind. */
export function workOfKey(key) {
  return workOf(knownSegment(key));
}

/** The key without its widths, and these. */
export function segmentOfKey(key) {
  const pattern = key.replace(/^(\d+x\d+)x\d+/, '$1').replaceAll(/:\d+/g, '');
  return { pattern, widths: widthsOf(knownSegment(key)) };
}
