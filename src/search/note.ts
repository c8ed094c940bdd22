import { faultOf } from '../core/index.js';

/**
 * Writes what the search keeps beside its trials. What cannot be written at the moment – the disk is full, say – is left
 * to the next note: the trials, which are waited for, report the fault.
 */
export function noteIfWritable(write: () => void): void {
  try {
    write();
  } catch (error) {
    if (faultOf(error)?.fault !== 'transient') throw error;
  }
}
