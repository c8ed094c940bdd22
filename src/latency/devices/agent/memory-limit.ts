const KIB = 1024;
const MIB = 1024 * KIB;

/**
 * What Node and ONNX Runtime 1.30 take by themselves, measured with a network of 10 MB on Linux x64: writable memory of
 * 136 MiB with 1 thread and 258 MiB with 16; address space of 1.1 and 1.9 GiB, most of it reserved and never touched.
 */
const OWN = { data: 256 * MIB, dataPerThread: 16 * MIB, space: 2048 * MIB, spacePerThread: 80 * MIB };

/**
 * How to start Node so that it cannot take more memory than `bytes` on top of what it needs itself, and so that the
 * kernel ends it before anything else when the machine's memory is short. Limits are the kernel's (RLIMIT_DATA and
 * RLIMIT_AS); where they cannot be set, it starts without.
 */
export function withMemoryLimit(
  bytes: number,
  threads: number,
): { readonly execPath: string; readonly execArgv: string[] } {
  const data = Math.ceil((bytes + OWN.data + threads * OWN.dataPerThread) / KIB);
  const space = Math.ceil((bytes + OWN.space + threads * OWN.spacePerThread) / KIB);
  const script = [
    `ulimit -d ${data} 2>/dev/null`,
    `ulimit -v ${space} 2>/dev/null`,
    '{ echo 1000 >/proc/$$/oom_score_adj; } 2>/dev/null',
    'exec "$0" "$@"',
  ].join('; ');
  return { execPath: '/bin/sh', execArgv: ['-c', script, process.execPath] };
}
