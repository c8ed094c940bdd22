import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { nodeHeaders } from '../../src/backends/tensorflow/setup/index.js';

describe('where the headers of this Node are', () => {
  it('is told to node-gyp by the name that goes before all others, and only where they are', () => {
    const beside = join(process.execPath, '../..');
    const there = existsSync(join(beside, 'include/node/node_api.h'));
    expect(nodeHeaders()).toEqual(there ? { npm_config_nodedir: beside } : null);
  });
});
