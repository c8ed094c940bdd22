import { describe, expect, it } from 'vitest';
import { parseQueueUrl } from '../../src/queue/index.js';

describe('the URL of a queue', () => {
  it.each([
    ['redis://10.0.0.1:6379', 'redis://10.0.0.1:6379'],
    ['redis://10.0.0.1:6379/2', 'redis://10.0.0.1:6379/2'],
    ['rediss://ann:s3cret@queue.example:6380', 'rediss://queue.example:6380'],
  ])('%s', (url, shown) => {
    expect(parseQueueUrl(url)).toMatchObject({ shown });
    expect(parseQueueUrl(url).shown).not.toMatch(/ann|s3cret/);
  });

  it('takes the password of the environment where the URL has none, and never shows it', () => {
    const address = parseQueueUrl('redis://10.0.0.1:6379', 'p@ss');
    expect(new URL(address.url).password).toBe('p%40ss');
    expect(address.shown).toBe('redis://10.0.0.1:6379');
    expect(new URL(parseQueueUrl('redis://:own@10.0.0.1', 'other').url).password).toBe('own');
  });

  it.each([
    '',
    '10.0.0.1:6379',
    'http://ann:s3cret@queue.example',
    'redis:',
    'postgres://ann:s3cret@db.example/nas',
  ])('refuses %s without repeating a password', (url) => {
    const refused = (): unknown => parseQueueUrl(url);
    expect(refused).toThrow(expect.objectContaining({ code: 'NAS_QUEUE_URL' }));
    expect(refused).not.toThrow(/s3cret/);
  });
});
