import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { fingerprintOf, type Fingerprint } from '../../platform/fingerprint.js';

/** This machine with ONNX Runtime on its processor; name and batch are the client's. */
export function agentFingerprint(threads: number, version: string): Fingerprint {
  return fingerprintOf(
    'agent',
    {
      backend: 'onnxruntime',
      device: 'cpu',
      name: deviceName(),
      threads,
      versions: { onnxruntime: version },
    },
    1,
  );
}

/** Boards report their name (`Raspberry Pi 4 Model B Rev 1.4`), other machines their processor's. */
function deviceName(): string {
  return boardName() ?? cpus()[0]?.model.trim() ?? 'CPU';
}

function boardName(): string | undefined {
  try {
    const name = readFileSync('/proc/device-tree/model', 'utf8')
      .replace(/[^\x20-\x7e]/g, '')
      .trim();
    return name === '' ? undefined : name;
  } catch {
    return undefined;
  }
}
