// A program as the platform `command` calls it, that goes wrong on demand: its first argument says how.
import { spawn } from 'node:child_process';
import { appendFileSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';

const [mode, ...rest] = process.argv.slice(2);
const option = (name) => rest[rest.indexOf(name) + 1];
const [model, runs, warmup] = [option('--model'), Number(option('--runs')), Number(option('--warmup'))];
const answer = (changes = {}) =>
  JSON.stringify({
    runsMs: Array(runs).fill(2),
    device: 'Pixel 8',
    versions: { runtime: '1.2' },
    ...changes,
  });
/** The first call of a device is its probe; what comes after may differ. */
const probe = runs === 1 && basename(dirname(model)) === '1';

switch (mode) {
  case 'coarse': {
    // Runs of 1.3 ms by a clock of 1 ms, at another phase each time; `can` repeats runs, `cannot` would not know the word.
    const repeat = rest.includes('--repeat') ? Number(option('--repeat')) : 1;
    if (rest[0] === 'cannot' && repeat > 1) throw new RangeError('unknown option --repeat');
    const ticks = (phase) => Math.floor(phase + 1.3 * repeat);
    const runsMs = Array.from({ length: runs }, (_, i) => ticks((i * 0.37 + 0.71) % 1) / repeat);
    console.log(answer({ runsMs, ...(rest[0] === 'can' ? { repeat: true } : {}) }));
    break;
  }
  case 'size': {
    // Takes as long as the file is large, give or take a little.
    const size = readFileSync(model).length / 1e4;
    console.log(answer({ runsMs: Array.from({ length: runs }, (_, i) => size * (1 + 0.001 * (i % 5))) }));
    break;
  }
  case 'throws':
    throw new TypeError('no such operator');
  case 'good':
    process.stderr.write(`reading ${basename(model)}\n`);
    console.log('loading …\n\n' + answer() + '\n');
    break;
  case 'log':
    appendFileSync(
      option('--log'),
      JSON.stringify({
        args: process.argv.slice(2),
        runs,
        warmup,
        bytes: [...readFileSync(model)],
        siblings: readdirSync(dirname(model)),
        token: process.env.NAS_AGENT_TOKEN ?? null,
        tokens: Object.keys(process.env).filter((name) => name.startsWith('NAS_AGENT_')),
      }) + '\n',
    );
    console.log(answer());
    break;
  case 'exit':
    process.stderr.write('adb: device offline\n\u001b[31mgiving up\u001b[0m\n');
    process.exitCode = 3;
    break;
  case 'exit-quietly':
    console.log('adb: no devices');
    process.exitCode = 1;
    break;
  case 'signal':
    process.kill(process.pid, 'SIGSEGV');
    setTimeout(() => {}, 10_000);
    break;
  case 'hang': {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' });
    appendFileSync(option('--log'), `${process.pid} ${child.pid}`);
    process.stderr.write('waiting for the phone\n');
    setInterval(() => {}, 1000);
    break;
  }
  case 'daemon':
    // Leaves something behind that holds its output open, as a tool's server does.
    spawn(process.execPath, ['-e', 'setTimeout(() => {}, 6000)'], {
      stdio: 'inherit',
      detached: true,
    }).unref();
    console.log(answer());
    break;
  case 'flood':
    for (;;)
      if (!process.stdout.write('x'.repeat(65_536)))
        await new Promise((go) => process.stdout.once('drain', go));
  case 'noise':
    for (let i = 0; i < 40_000; i++) process.stderr.write(`${'y'.repeat(100)}${i % 7 === 0 ? '' : '\n'}`);
    console.log(answer());
    break;
  case 'nothing':
    break;
  case 'text':
    console.log('median 2 ms \u001b[2J');
    break;
  case 'nan':
    console.log(answer().replace('2', 'NaN'));
    break;
  case 'huge':
    console.log(answer().replace('2', '1e999'));
    break;
  case 'json':
    console.log(rest[0]);
    break;
  case 'fewer':
    console.log(answer({ runsMs: [2] }));
    break;
  case 'more':
    console.log(answer({ runsMs: [99, ...Array(runs).fill(3)] }));
    break;
  case 'changes':
    console.log(answer(probe ? {} : { device: 'Pixel 9' }));
    break;
  case 'changes-version':
    console.log(answer(probe ? {} : { versions: { runtime: '1.3' } }));
    break;
  case 'refuses':
    if (!probe) process.stderr.write('unsupported operator HardSwish\n');
    console.log(probe ? answer() : '');
    process.exitCode = probe ? 0 : 1;
    break;
  case 'gone':
    console.log(answer(existsSync(model) ? {} : { device: 'no file' }));
    break;
  default:
    throw new Error(`no mode ${mode}`);
}
