import { isNasError, messageOf, NasError } from '../core/index.js';
import type { SerializedError } from './messages.js';

/**
 * An error as plain data: neither a message to a process nor one to a thread keeps more of an error than its text.
 * @param code that of an error which is none of ours
 */
export function serializeError(error: unknown, code: string): SerializedError {
  if (!isNasError(error)) return { code, found: messageOf(error) };
  const { expected, fix, found, fault } = error;
  return {
    code: error.code,
    found,
    ...(expected === undefined ? {} : { expected }),
    ...(fix === undefined ? {} : { fix }),
    ...(fault === undefined ? {} : { fault }),
  };
}

/** The error that a serialized error stands for. */
export function deserializeError({ code, found, expected, fix, fault }: SerializedError): NasError {
  return new NasError({
    code,
    found,
    fault,
    ...(expected === undefined ? {} : { expected }),
    ...(fix === undefined ? {} : { fix }),
  });
}
