import { describe, expect, it } from 'vitest';
import { faultOf, NasError } from '../../src/core/index.js';

const system = (code: string, syscall = 'write', path = '/runs/x'): Error =>
  Object.assign(new Error(`${code}: it failed, ${syscall}`), { code, syscall, path });
const caused = (cause: unknown, fault?: 'permanent' | 'unclear'): NasError =>
  new NasError({ code: 'NAS_OUTER', found: 'it failed', cause, fault });

describe('faults of the surroundings', () => {
  it.each([
    ['ENOSPC', 'NAS_DISK_FULL'],
    ['EDQUOT', 'NAS_DISK_FULL'],
    ['EFBIG', 'NAS_FILE_TOO_LARGE'],
    ['EIO', 'NAS_DISK_ERROR'],
    ['ESTALE', 'NAS_DISK_ERROR'],
    ['EROFS', 'NAS_DISK_ERROR'],
    ['EMFILE', 'NAS_SYSTEM_LIMIT'],
    ['ENFILE', 'NAS_SYSTEM_LIMIT'],
    ['ENOMEM', 'NAS_SYSTEM_LIMIT'],
  ])('%s of the system, also as a cause, is %s and may pass', (code, ours) => {
    for (const error of [system(code), caused(system(code)), caused(caused(system(code)))])
      expect(faultOf(error)).toMatchObject({ code: ours, fault: 'transient' });
  });

  it.each([
    ['No space left on device (os error 28)', 'NAS_DISK_FULL'],
    ['RuntimeError: [Errno 5] Input/output error', 'NAS_DISK_ERROR'],
    ['accept: Too many open files', 'NAS_SYSTEM_LIMIT'],
  ])('"%s" of native code is %s', (text, ours) => {
    expect(faultOf(new Error(text))).toMatchObject({ code: ours, fault: 'transient' });
  });

  it('EAGAIN is one where a process could not be started, and none of a read', () => {
    expect(faultOf(system('EAGAIN', 'spawn node'))).toMatchObject({ code: 'NAS_SYSTEM_LIMIT' });
    expect(faultOf(system('EAGAIN', 'read'))).toBeUndefined();
  });

  it.each([
    new Error('OOM when allocating tensor with shape[64,960,7,7]'),
    system('ENOENT', 'open'),
    new RangeError('Array buffer allocation failed'),
    new NasError({ code: 'NAS_BAD_ARCHITECTURE', found: 'no block' }),
    'a text',
    undefined,
  ])('%s may be the job’s own', (error) => {
    expect(faultOf(error)).toBeUndefined();
  });

  it('an error that names its fault is itself; what may pass by itself goes first', () => {
    const gone = caused(system('ENOENT'), 'permanent');
    expect(faultOf(gone)).toBe(gone);
    const full = caused(system('EMFILE'), 'permanent');
    expect(faultOf(full)).toMatchObject({ code: 'NAS_OUTER', found: 'it failed', fault: 'transient' });
  });
});
