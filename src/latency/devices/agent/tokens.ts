import { NasError, readUserText } from '../../../core/index.js';
import { checkToken } from './token.js';

/** Hundreds of agents. */
const MOST_BYTES = 256 * 1024;

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The token for the agent at an address: its own one from the file of `NAS_AGENT_TOKENS`, else `NAS_AGENT_TOKEN`. A token
 * of the file goes to its address only.
 * @param url scheme, host and port, as `parsePlatform` gives it
 * @throws NasError `NAS_AGENT_TOKEN_FORM`, `NAS_AGENT_TOKEN_FILE`
 */
export function tokenFor(url: string, environment: Environment): string {
  const file = environment['NAS_AGENT_TOKENS'] ?? '';
  const own = file === '' ? undefined : tokensIn(file).get(url);
  return own ?? checkToken(environment['NAS_AGENT_TOKEN'] ?? '', 'NAS_AGENT_TOKEN');
}

/** Lines `ADDRESS TOKEN`; empty ones and those that begin with # say nothing. Tokens are never shown. */
function tokensIn(file: string): ReadonlyMap<string, string> {
  const read = readUserText(file, MOST_BYTES);
  if ('fault' in read) throw badFile(`${file} of NAS_AGENT_TOKENS: ${read.fault}`, read.cause);
  const tokens = new Map<string, string>();
  read.value.split('\n').forEach((line, index) => {
    const text = line.trim();
    if (text === '' || text.startsWith('#')) return;
    const [address = '', token = '', ...more] = text.split(/\s+/);
    const place = `line ${index + 1} of ${file}`;
    if (more.length > 0 || !/^https?:/.test(address) || !URL.canParse(address))
      throw badFile(`${place} is no address with a token`);
    const { origin } = new URL(address);
    if (tokens.has(origin)) throw badFile(`${place} gives a second token for ${origin}`);
    tokens.set(origin, checkToken(token, place));
  });
  return tokens;
}

function badFile(found: string, cause?: unknown): NasError {
  return new NasError({
    code: 'NAS_AGENT_TOKEN_FILE',
    found,
    expected: 'lines of an address and its token: http://192.168.1.20:7411 TOKEN',
    fix: 'correct the file, or unset NAS_AGENT_TOKENS',
    cause,
  });
}
