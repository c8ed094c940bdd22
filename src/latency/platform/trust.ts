import { NasError } from '../../core/index.js';
import { formatPlatform, parsePlatform } from './parse.js';
import type { PlatformSpec } from './spec.js';

/** Whether opening a platform runs a program or sends a token, so that a file must not decide it alone. */
export function needsTrust({ kind }: PlatformSpec): boolean {
  return kind === 'command' || kind === 'agent';
}

/**
 * The last check before a program is run or an agent is called: every platform is opened behind it.
 * @param trusted platforms that the user named or whose study or table is trusted
 * @throws NasError `NAS_PLATFORM_UNTRUSTED`
 */
export function requireTrust(spec: PlatformSpec, trusted: readonly string[] = []): void {
  if (!needsTrust(spec)) return;
  const text = formatPlatform(spec);
  if (trusted.some((one) => formatPlatform(parsePlatform(one)) === text)) return;
  throw new NasError({
    code: 'NAS_PLATFORM_UNTRUSTED',
    found: `latency platform ${text}, which the user did not name`,
    expected: 'a program or an agent that the user named on the command line',
    fix: 'name it with --platform if you trust it',
  });
}
