import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NasError } from '../../core/index.js';

/**
 * The page of dashboard and report: a classic script and its style sheet, whole, as `npm run build` bundles them; and the
 * script of the worker that the dashboard's tabs share.
 */
export interface PageBundle {
  readonly script: string;
  readonly style: string;
  readonly worker: string;
}

/** @throws NasError `NAS_NOT_BUILT` */
export function readPageBundle(): PageBundle {
  const here = fileURLToPath(new URL('../../page/', import.meta.url)).replace(
    /\/src\/page\/$/,
    '/dist/page/',
  );
  const files = ['page.js', 'page.css', 'events.js'].map((name) => join(here, name));
  if (files.every((file) => existsSync(file))) {
    const [script = '', style = '', worker = ''] = files.map((file) => readFileSync(file, 'utf8'));
    return { script, style, worker };
  }
  throw new NasError({
    code: 'NAS_NOT_BUILT',
    found: 'no dist/page/page.js',
    expected: 'the built page',
    fix: 'npm run build',
  });
}
