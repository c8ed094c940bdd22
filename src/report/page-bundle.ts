import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NasError } from '../core/index.js';

/** The page of dashboard and report: a classic script and its style sheet, whole, as `npm run build` bundles them. */
export interface PageBundle {
  readonly script: string;
  readonly style: string;
}

/** @throws NasError `NAS_NOT_BUILT` */
export function readPageBundle(): PageBundle {
  const here = dirname(fileURLToPath(import.meta.url)).replace(/\/src\/(report)$/, '/dist/$1');
  const [script, style] = ['page.js', 'page.css'].map((name) => join(here, 'page', name)) as [string, string];
  if (existsSync(script) && existsSync(style))
    return { script: readFileSync(script, 'utf8'), style: readFileSync(style, 'utf8') };
  throw new NasError({
    code: 'NAS_NOT_BUILT',
    found: 'no dist/report/page/page.js',
    expected: 'the built page',
    fix: 'npm run build',
  });
}
