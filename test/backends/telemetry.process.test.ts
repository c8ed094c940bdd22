import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { writePictures } from '../app/pictures.js';

const program = fileURLToPath(new URL('fixtures/onnxruntime-twice.mjs', import.meta.url));
const dist = new URL('../../dist/', import.meta.url).href;

/** Why system calls cannot be watched here; null when they can. */
function missing(): string | null {
  try {
    execFileSync('strace', ['-o', '/dev/null', 'true'], { stdio: 'ignore' });
    return null;
  } catch {
    return 'strace is not installed, or may not trace here';
  }
}

describe('ONNX Runtime', { timeout: 240_000 }, () => {
  it('asks no host and writes no file, in the main thread and in a host', async (context) => {
    const reason = missing();
    if (reason !== null) return context.skip(reason);
    const folder = mkdtempSync(join(tmpdir(), 'nas-test-telemetry-'));
    try {
      const [home, temporary, pictures, own] = ['home', 'temporary', 'pictures', 'own'].map((name) => {
        mkdirSync(join(folder, name));
        return join(folder, name);
      }) as [string, string, string, string];
      await writePictures(pictures, 8, 8);
      const log = join(folder, 'calls');
      const { ORT_DISABLE_TELEMETRY: _, XDG_CACHE_HOME: __, ...environment } = process.env;
      const watched = ['-f', '-qq', '-s', '300', '-e', 'trace=network,openat', '-o', log];
      const { status, stdout, stderr } = spawnSync(
        'strace',
        [...watched, process.execPath, program, dist, pictures, own],
        { env: { ...environment, HOME: home, TMPDIR: temporary }, encoding: 'utf8' },
      );
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      expect(stdout).toMatch(/^onnxruntime /);
      const calls = readFileSync(log, 'utf8').split('\n');
      expect(calls.filter((line) => /AF_INET|nscd|resolv\.conf|\/etc\/hosts/.test(line))).toEqual([]);
      const written = calls
        .filter((line) => /openat\(.*O_CREAT/.test(line))
        .map((line) => /"([^"]*)"/.exec(line)?.[1] ?? line);
      expect(written.filter((path) => !path.startsWith(own))).toEqual([]);
      expect([home, temporary].flatMap((place) => readdirSync(place))).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
