import { openOnnx } from '../../../backends/index.js';
import { median } from '../../../core/index.js';
import { ONNX_FILE, type Artifact, type Int8Facts } from '../../../export/index.js';

const [TURNS, RUNS] = [5, 20];

/** Median times of two ONNX files, a thread each, in turns on this machine: a ratio to be read, not a latency of a study. */
export async function compareTimes(
  int8: readonly Artifact[],
  float: readonly Artifact[],
): Promise<Int8Facts['time']> {
  const threads = 1;
  const bytesOf = (artifacts: readonly Artifact[]) =>
    artifacts.find(({ path }) => path === ONNX_FILE)?.bytes ?? new Uint8Array();
  const sessions = await Promise.all([int8, float].map((files) => openOnnx(bytesOf(files), { threads })));
  try {
    const times: [number[], number[]] = [[], []];
    for (const session of sessions) await session.time(1);
    for (let turn = 0; turn < TURNS; turn++)
      for (const [at, session] of sessions.entries()) times[at]?.push(...(await session.time(RUNS)));
    const [int8Ms, floatMs] = [median(times[0]), median(times[1])];
    return { int8Ms, floatMs, threads, runtime: `onnxruntime ${sessions[0]?.version ?? ''}` };
  } finally {
    for (const session of sessions) session.dispose();
  }
}
