import { availableParallelism } from 'node:os';
import { checkToken, makeToken, startAgent, type Agent } from '../../latency/index.js';
import { packageVersion } from '../environment.js';
import { givenToken } from './token-file.js';

export interface AgentOptions {
  readonly host: string;
  readonly port: number;
  /** Threads within an operator; as many as there are cores unless given. */
  readonly threads?: number | undefined;
  /** A file that holds the token and nothing else; it is made where there is none. */
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
 * @throws NasError what {@link startAgent} throws; `NAS_AGENT_TOKEN_FILE` when the file can be neither read nor made
 */
export async function runAgent(requested: AgentOptions): Promise<RunningAgent> {
  const { host, port, tokenFile, environment, onLine } = requested;
  const given = givenToken({
    file: tokenFile,
    variable: 'NAS_AGENT_TOKEN',
    environment,
    code: 'NAS_AGENT_TOKEN_FILE',
    onLine,
  });
  const token = given === null ? makeToken() : checkToken(given.token, given.from);
  const agent = await startAgent({
    host,
    port,
    token,
    threads: requested.threads ?? availableParallelism(),
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
