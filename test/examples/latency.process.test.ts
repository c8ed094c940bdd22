import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { commandDevice } from '../../src/latency/devices/command/index.js';
import { sample, writer } from '../latency/agent/samples.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const folder = fileURLToPath(new URL('../../examples/latency/', import.meta.url));
let place = '';
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'nas-test-programs-'));
  writeFileSync(join(place, 'model.onnx'), 'bytes');
});
afterEach(() => rmSync(place, { recursive: true, force: true }));

/** An executable of that name in the temporary folder. */
function fake(name: string, text: string): string {
  const path = join(place, name);
  writeFileSync(path, text);
  chmodSync(path, 0o755);
  return path;
}
function call(program: string, args: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  const asked = ['--model', join(place, 'model.onnx'), '--runs', '3', '--warmup', '2'];
  const { status, stdout, stderr } = spawnSync(program, [...args, ...asked], {
    encoding: 'utf8',
    env: { ...process.env, ...environment },
  });
  const last = stdout.trim().split('\n').at(-1) ?? '';
  return { status, stderr, answer: status === 0 ? (JSON.parse(last) as Record<string, unknown>) : null };
}

/** As trtexec prints and exports, by its documentation: a list with an object a run. */
const TRTEXEC = `#!/usr/bin/env python3
import json, sys
options = dict(part.lstrip('-').partition('=')[::2] for part in sys.argv[1:])
with open('PLACE/calls', 'a') as file:
    file.write(json.dumps(options) + '\\n')
if 'saveEngine' in options:
    open(options['saveEngine'], 'w').close()
    sys.exit(0)
print('&&&& RUNNING TensorRT.trtexec [TensorRT v8601] # trtexec ...')
print('[07/01/2024-10:00:00] [I] Selected Device: NVIDIA Jetson Orin Nano')
print('[07/01/2024-10:00:00] [I] TensorRT version: 8.6.1')
json.dump([
    {'startEnqMs': 4.0 * i, 'endEnqMs': 4.0 * i + 0.1, 'startH2dMs': 4.0 * i, 'endH2dMs': 4.0 * i + 0.25,
     'startComputeMs': 4.0 * i + 0.25, 'endComputeMs': 4.0 * i + 1.25 + i, 'startD2hMs': 9.0, 'endD2hMs': 9.25,
     'h2dMs': 0.25, 'computeMs': 1.0 + i, 'd2hMs': 0.25, 'latencyMs': 1.5 + i}
    for i in range(int(options['iterations']))
], open(options['exportTimes'], 'w'))
`;

describe('trtexec_time.py', () => {
  const script = join(folder, 'trtexec_time.py');
  const trtexec = () => fake('trtexec', TRTEXEC.replace('PLACE', place));
  const calls = () =>
    readFileSync(join(place, 'calls'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, string>);

  it('reads the runs behind the warm-up, the device and the version', () => {
    const { answer } = call('python3', [script, '--trtexec', trtexec()]);
    expect(answer).toEqual({
      runsMs: [3, 4, 5],
      device: 'NVIDIA Jetson Orin Nano',
      kind: 'gpu',
      versions: { tensorrt: '8.6.1', precision: 'fp32' },
    });
  });

  it('counts the copies where that is asked', () => {
    const { answer } = call('python3', [script, '--trtexec', trtexec(), '--with-transfers']);
    expect(answer?.['runsMs']).toEqual([3.5, 4.5, 5.5]);
  });

  it('builds the engine once, and another for another precision', () => {
    const program = trtexec();
    for (const more of [[], [], ['--fp16']]) call('python3', [script, '--trtexec', program, ...more]);
    const built = calls().filter((options) => 'saveEngine' in options);
    expect(built.map((options) => 'fp16' in options)).toEqual([false, true]);
    expect(calls().filter((options) => 'loadEngine' in options)).toHaveLength(3);
  });

  it('hands on why trtexec failed', () => {
    const failing = fake('trtexec', '#!/bin/sh\necho "[E] Error: unsupported operator"\nexit 1\n');
    const { status, stderr } = call('python3', [script, '--trtexec', failing]);
    expect(status).not.toBe(0);
    expect(stderr).toMatch(/unsupported operator[^]*ended with exit code 1/);
    expect(stderr).not.toMatch(/Traceback/);
  });

  it('wants as many runs as it asked for', () => {
    const short = fake(
      'trtexec',
      TRTEXEC.replace('PLACE', place).replace("['iterations'])", "['iterations']) - 1"),
    );
    const { status, stderr } = call('python3', [script, '--trtexec', short]);
    expect(status).not.toBe(0);
    expect(stderr).toMatch(/exported 4 runs with computeMs, expected 5/);
  });
});

describe('adb_benchmark.sh', () => {
  // What a phone would answer; `perf` writes its results file as onnxruntime_perf_test does.
  const ADB = `#!/bin/sh
case "$*" in
  *ro.product.model*) printf 'Pixel 8\\r\\n' ;;
  *ro.build.version*) printf '14\\r\\n' ;;
  push*) cp "$2" "PLACE/phone.onnx" ;;
  *'[ -f '*) [ -f PLACE/phone.onnx ] ;;
  *perf*) echo "$*" > PLACE/perf-call; i=0; : > PLACE/results
    while [ $i -lt 5 ]; do echo "nas,0.00$i,1000,50,$i" >> PLACE/results; i=$((i + 1)); done; echo done ;;
  *cat*) cat PLACE/results ;;
  *) echo "adb: unknown $*" >&2; exit 1 ;;
esac
`;

  it('copies the file, runs it on the phone and prints what the platform reads', () => {
    fake('adb', ADB.replaceAll('PLACE', place));
    const path = { PATH: `${place}:${process.env['PATH'] ?? ''}`, THREADS: '2' };
    const { status, answer, stderr } = call('sh', [join(folder, 'adb_benchmark.sh')], path);
    expect(stderr).toBe('done\n');
    expect(status).toBe(0);
    expect(answer).toEqual({ runsMs: [2, 3, 4], device: 'Pixel 8', threads: 2, versions: { android: '14' } });
    expect(readFileSync(join(place, 'phone.onnx'), 'utf8')).toBe('bytes');
    expect(readFileSync(join(place, 'perf-call'), 'utf8')).toMatch(/-m times -r 5 -x 2 -o 99 \/data/);
  });

  it('ends with what adb says when there is no phone', () => {
    fake('adb', '#!/bin/sh\necho "adb: no devices/emulators found" >&2\nexit 1\n');
    const path = { PATH: `${place}:${process.env['PATH'] ?? ''}` };
    const { status, stderr } = call('sh', [join(folder, 'adb_benchmark.sh')], path);
    expect(status).not.toBe(0);
    expect(stderr).toMatch(/no devices/);
  });
});

describe('onnxruntime_time.py', () => {
  const script = join(folder, 'onnxruntime_time.py');

  it('warms up, times as many runs as asked and reports what timed them', () => {
    // Stand-ins for both packages, so that no installation is needed; they write down what is asked of them.
    writeFileSync(join(place, 'numpy.py'), 'float32 = uint8 = None\ndef zeros(shape, _): return shape\n');
    writeFileSync(
      join(place, 'onnxruntime.py'),
      `
__version__ = '1.30.0'
class SessionOptions:
    def add_session_config_entry(self, name, value):
        open('${place}/settings', 'a').write(f'{name}={value};')
class ExecutionMode: ORT_SEQUENTIAL = 'sequential'
class GraphOptimizationLevel: ORT_ENABLE_ALL = 'all'
class End: name, type, shape = 'images', 'tensor(float)', ['N', 3, 8, 8]
class InferenceSession:
    def __init__(self, path, options, providers):
        assert open(path).read() == 'bytes'
        assert (options.intra_op_num_threads, options.inter_op_num_threads) == (2, 1)
    def get_providers(self): return ['CPUExecutionProvider']
    def get_inputs(self): return [End]
    def run(self, names, feeds):
        assert feeds == {'images': [1, 3, 8, 8]}
        open('${place}/runs', 'a').write('x')
`,
    );
    const { answer, stderr } = call('python3', [script, '--threads', '2'], { PYTHONPATH: place });
    expect(stderr).toBe('');
    expect(answer).toMatchObject({
      runsMs: [expect.any(Number), expect.any(Number), expect.any(Number)],
      device: expect.stringMatching(/./) as string,
      kind: 'cpu',
      threads: 2,
      versions: { onnxruntime: '1.30.0', provider: 'CPUExecutionProvider' },
    });
    expect(readFileSync(join(place, 'runs'), 'utf8')).toBe('xxxxx');
    expect(readFileSync(join(place, 'settings'), 'utf8')).toBe('session.intra_op.allow_spinning=1;');
    const gpu = call('python3', [script, '--threads', '2', '--provider', 'X'], { PYTHONPATH: place });
    expect(gpu.status).not.toBe(0);
    expect(gpu.stderr).toMatch(/X is not in this onnxruntime/);
  });

  it('times a network for the platform command', async (context) => {
    const python = process.env['NAS_BENCH_PYTHON'];
    if (python === undefined) return context.skip('NAS_BENCH_PYTHON names no Python that has onnxruntime');
    await using device = await commandDevice({
      program: python,
      args: [script, '--threads', '1'],
      batch: 2,
      onnx: writer,
      temporaryFolder: place,
      environment: process.env,
    });
    const program = await device.open(sample());
    const times = await program.time(20);
    await program.dispose();
    expect(times).toHaveLength(20);
    expect(Math.min(...times)).toBeGreaterThan(0);
    expect(device.fingerprint).toMatchObject({ device: 'cpu', threads: 1, batch: 2 });
    expect(device.fingerprint.versions['onnxruntime']).toMatch(/^\d+\.\d+/);
  });
});
