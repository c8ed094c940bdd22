import { messageOf, NasError } from '../../core/index.js';

/** @param name of an optional package, which npm leaves out where it cannot be installed */
export function packageMissing(name: string, cause: unknown): NasError {
  return new NasError({
    code: 'NAS_QUEUE_PACKAGE',
    found: `the package ${name} cannot be loaded: ${messageOf(cause)}`,
    expected: 'the optional packages of platform-nas, which many machines need',
    fix: `npm install ${name}`,
    cause,
  });
}
