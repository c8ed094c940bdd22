import { readdirSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';

/** Model of the processor, or of the first NVIDIA card as its driver reports it; `CPU` or `GPU` where unknown. */
export function deviceName(gpu: boolean, drivers = '/proc/driver/nvidia/gpus'): string {
  if (!gpu) return cpus()[0]?.model.trim() || 'CPU';
  try {
    const first = readdirSync(drivers).sort()[0] ?? '';
    const text = readFileSync(join(drivers, first, 'information'), 'utf8');
    return /^Model:\s*(\S.*)$/m.exec(text)?.[1]?.trim() ?? 'GPU';
  } catch {
    return 'GPU';
  }
}
