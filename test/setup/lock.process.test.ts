import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { takeLock } from '../../src/backends/tensorflow/setup/lock.js';
import { temporary } from './fakes.js';

describe('takeLock', () => {
  it('waits until it is given back', async () => {
    const path = temporary();
    const events: string[] = [];
    const release = await takeLock(path, { onWait: () => events.push('never') });
    const second = takeLock(path, { pollMs: 5, onWait: () => events.push('waits') }).then((free) => {
      events.push('taken');
      free();
    });
    await new Promise((resolve) => setTimeout(resolve, 40));
    events.push('given back');
    release();
    await second;
    expect(events).toEqual(['waits', 'given back', 'taken']);
  });

  it('is free again when its holder was killed', async () => {
    const path = temporary();
    const name = `\\0platform-nas-${createHash('sha256').update(path).digest('hex')}`;
    const script = `require('net').createServer().listen('${name}', () => console.log('held'))`;
    const holder = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(holder.stdout, 'data');
    let waited = false;
    const taking = takeLock(path, {
      pollMs: 5,
      onWait: () => {
        waited = true;
        holder.kill('SIGKILL');
      },
    });
    (await taking)();
    expect(waited).toBe(true);
  });
});
