import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { nodeHeaders } from '../../src/backends/tensorflow/setup/index.js';

describe('where the headers of this Node are', () => {
  it('is passed to node-gyp by the name that takes precedence, and only where they are', () => {
    const prefix = join(process.execPath, '../..');
    const there = existsSync(join(prefix, 'include/node/node_api.h'));
    expect(nodeHeaders()).toEqual(there ? { npm_config_nodedir: prefix } : null);
  });
});
