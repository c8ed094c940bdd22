// Times networks as the platform `command` asks, then hangs, with a program that it started itself. Arguments: a folder to
// note its calls in, and how many calls it answers.
import { spawn } from 'node:child_process';
import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const [folder, answered] = process.argv.slice(2);
const calls = join(folder, 'calls');
appendFileSync(calls, 'x');
if (readFileSync(calls).length <= Number(answered)) {
  const runs = Number(process.argv[process.argv.indexOf('--runs') + 1]);
  console.log(JSON.stringify({ runsMs: Array(runs).fill(2), device: 'bench' }));
} else {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' });
  appendFileSync(join(folder, 'hanging'), `${process.pid} ${child.pid}\n`);
  setInterval(() => {}, 1000);
}
