import { describe, expect, it } from 'vitest';
import { expandHome, isNasError, messageOf, NasError, nearest, unknownName } from '../../src/core/index.js';

describe('an error for a person', () => {
  it('says in one line what was found, what was expected and how to fix it', () => {
    const cause = new Error('below');
    const error = new NasError({ code: 'NAS_X', found: 'a', expected: 'b', fix: 'c', cause });
    expect(error.message).toBe('a; expected b. fix: c');
    expect(error).toMatchObject({ code: 'NAS_X', found: 'a', expected: 'b', fix: 'c', cause });
    expect(new NasError({ code: 'NAS_X', found: 'a' }).message).toBe('a');
    expect(new NasError({ code: 'NAS_X', found: 'a', fix: 'c' }).message).toBe('a. fix: c');
  });

  it('is known also when another copy of the module made it', () => {
    expect(isNasError(new NasError({ code: 'NAS_X', found: 'a' }))).toBe(true);
    expect(isNasError(Object.assign(new Error('a'), { name: 'NasError', code: 'NAS_X' }))).toBe(true);
    expect(isNasError(Object.assign(new Error('a'), { code: 'ENOENT' }))).toBe(false);
    expect(isNasError({ name: 'NasError', code: 'NAS_X' })).toBe(false);
  });

  it('has one line for any thrown value', () => {
    expect(messageOf(new Error('one\ntwo'))).toBe('one');
    expect(messageOf('text')).toBe('text');
    expect(messageOf(undefined)).toBe('undefined');
  });
});

describe('a name that is not in a list', () => {
  const legal = ['fashion-mnist', 'cifar10', 'images'];

  it('is answered with the nearest one, where one is near', () => {
    expect(nearest('fashion-minst', legal)).toBe('fashion-mnist');
    expect(nearest('CIFAR10', legal)).toBe('cifar10');
    expect(nearest('imagenet', legal)).toBeUndefined();
    expect(nearest('x', [])).toBeUndefined();
  });

  it('is shown with all that may be said, and cut', () => {
    const error = unknownName('data set', 'cifar', legal, 'NAS_X');
    expect(error.message).toBe(
      'unknown data set "cifar"; expected one of fashion-mnist, cifar10, images. fix: did you mean cifar10?',
    );
    expect(unknownName('data set', 'z'.repeat(500), legal, 'NAS_X').message.length).toBeLessThan(200);
  });
});

describe('a path with ~', () => {
  const home = () => '/home/me';

  it('is put together as a shell does', () => {
    expect(['~', '~/a b', './~', 'a/~', ''].map((path) => expandHome(path, home))).toEqual([
      '/home/me',
      '/home/me/a b',
      './~',
      'a/~',
      '',
    ]);
  });

  it('of another user is refused', () => {
    expect(() => expandHome('~root/x', home)).toThrow(expect.objectContaining({ code: 'NAS_BAD_PATH' }));
  });
});
