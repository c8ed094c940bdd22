import { describe } from 'vitest';
import { describePool } from '../contract/pool.js';
import { openPool } from '../pool/helpers.js';
import { openQueue } from './open-queue.js';
import { noRedis } from './redis.js';

describePool('a pool on this machine', openPool);

describe.skipIf(noRedis !== undefined)(`over a queue (skipped: ${noRedis ?? ''})`, () => {
  describePool('a pool of workers', openQueue);
});
