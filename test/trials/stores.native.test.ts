import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { createMemoryStore, createStudy } from '../../src/trials/index.js';
import { describeStore, STUDY } from '../../src/testing/index.js';

const root = mkdtempSync(join(tmpdir(), 'nas-store-'));
afterAll(() => {
  rmSync(root, { recursive: true });
});

let count = 0;
describeStore('memory', () => createMemoryStore(STUDY));
describeStore('sqlite', () => createStudy(join(root, String(++count), STUDY.name), STUDY));
