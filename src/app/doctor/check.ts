import type { Places } from '../environment.js';

/** `warn`: something does not work, but a search on other data or with what is set up does. */
export interface DoctorCheck {
  readonly name: string;
  readonly state: 'ok' | 'warn' | 'fail';
  readonly found: string;
  readonly fix?: string;
}

export interface DoctorOptions {
  readonly places: Pick<Places, 'runs' | 'data' | 'tensorflow'>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Threads that TensorFlow may use in one operation. */
  readonly threads: number;
  /** The flavour that must work; left out, those that are set up are tried. */
  readonly flavour?: 'cpu' | 'gpu' | undefined;
  /** Where `proc`, `dev` and the other folders of the system lie; for tests. */
  readonly root?: string;
  readonly signal?: AbortSignal;
  /** Called as each check is done. */
  readonly onCheck?: (check: DoctorCheck) => void;
}
