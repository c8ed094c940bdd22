import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from './failure.mjs';
import { runLogged } from './run.mjs';

const stampOf = (root) => join(root, 'node_modules/.platform-nas-lock');

/** True when node_modules holds what package-lock.json says, development tools included. */
export function packagesReady(root) {
  // npm writes its own copy of the lock file last: without it an installation was broken off.
  const hidden = statSync(join(root, 'node_modules/.package-lock.json'), { throwIfNoEntry: false });
  if (!hidden || !existsSync(join(root, 'node_modules/typescript/bin/tsc'))) return false;
  if (existsSync(stampOf(root))) return readFileSync(stampOf(root), 'utf8') === lockDigest(root);
  return hidden.mtimeMs >= statSync(join(root, 'package-lock.json')).mtimeMs;
}

/** `npm ci` without install scripts: what needs one is built by us afterwards, where a failure can be explained. */
export async function installPackages(root, { log, signal }) {
  const args = ['ci', '--ignore-scripts', '--include=dev', '--no-audit', '--no-fund', '--prefer-offline'];
  const patience = ['--fetch-retries=2', '--fetch-retry-mintimeout=1000', '--fetch-retry-maxtimeout=5000'];
  const npm = process.env.npm_execpath?.endsWith('.js')
    ? [process.execPath, process.env.npm_execpath]
    : ['npm'];
  const code = await runLogged(npm[0], [...npm.slice(1), ...args, ...patience], { cwd: root, log, signal });
  if (code !== 0) throw npmFailure(code, readFileSync(log, 'utf8'), log);
  writeFileSync(stampOf(root), lockDigest(root));
}

function lockDigest(root) {
  return createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
}

function npmFailure(code, output, log) {
  if (code === null) {
    return new Failure(
      'npm cannot be run',
      'install it: sudo apt-get install -y npm, or with Node from nodejs.org',
    );
  }
  if (/ENOSPC/.test(output)) {
    return new Failure(
      'the disk is full while installing packages',
      'free 1 GB and run the same command again',
    );
  }
  if (/EACCES|EROFS/.test(output)) {
    return new Failure(
      'node_modules cannot be written',
      'make this folder writable by you (chown -R $USER .)',
    );
  }
  if (/ENOTFOUND|ECONNREFUSED|EAI_AGAIN|ETIMEDOUT|ECONNRESET|ENETUNREACH/.test(output)) {
    return new Failure(
      'npm cannot reach the package registry; expected a network connection',
      'connect, or point npm at your mirror (npm config set registry URL), then run the same command again',
    );
  }
  if (/CERT|SELF_SIGNED|unable to get local issuer/.test(output)) {
    return new Failure(
      'npm does not trust the registry’s certificate',
      'npm config set cafile FILE, then again',
    );
  }
  return new Failure(`npm ci ended with status ${code}`, `read ${log}`);
}
