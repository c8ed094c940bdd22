import { readFileSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { messageOf, NasError } from '../core/index.js';
import { checkToken, makeToken, startAgent, type Agent } from '../latency/index.js';
import { packageVersion } from './environment.js';

export interface AgentWishes {
  readonly host: string;
  readonly port: number;
  /** Threads within an operator; as many as there are cores unless given. */
  readonly threads?: number | undefined;
  /** A file that holds the token and nothing else. */
  readonly tokenFile?: string | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly onLine: (line: string) => void;
}

export interface RunningAgent extends AsyncDisposable {
  readonly agent: Agent;
  /** The token where it was made here, to be shown once; null where it was given. */
  readonly madeToken: string | null;
}

/**
 * Starts the agent of `nas agent`. The token comes from the file, else from `NAS_AGENT_TOKEN`, else it is made.
 * @throws NasError what {@link startAgent} throws; `NAS_AGENT_TOKEN_FILE` when the file cannot be read
 */
export async function runAgent(wishes: AgentWishes): Promise<RunningAgent> {
  const { host, port, tokenFile, environment, onLine } = wishes;
  const given = givenToken(tokenFile, environment, onLine);
  const token = given ?? makeToken();
  const agent = await startAgent({
    host,
    port,
    token,
    threads: wishes.threads ?? availableParallelism(),
    version: packageVersion(),
    environment,
    onLine,
  });
  return {
    agent,
    madeToken: given === null ? token : null,
    [Symbol.asyncDispose]: () => Promise.resolve(agent[Symbol.asyncDispose]()),
  };
}

function givenToken(
  file: string | undefined,
  environment: AgentWishes['environment'],
  onLine: (line: string) => void,
): string | null {
  if (file !== undefined) return checkToken(readToken(file, onLine), file);
  const token = environment['NAS_AGENT_TOKEN'];
  return token === undefined || token === '' ? null : checkToken(token, 'NAS_AGENT_TOKEN');
}

function readToken(file: string, onLine: (line: string) => void): string {
  try {
    if ((statSync(file).mode & 0o077) !== 0)
      onLine(`other users may read ${file}; chmod 600 ${file} keeps the token to yourself`);
    return readFileSync(file, 'utf8').trim();
  } catch (cause) {
    throw new NasError({
      code: 'NAS_AGENT_TOKEN_FILE',
      found: `${file} cannot be read (${messageOf(cause)})`,
      expected: 'a file that holds the token',
      fix: 'leave --token-file out: a token is made and printed',
      cause,
    });
  }
}
