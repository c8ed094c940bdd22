import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** What in docs/ disagrees with the sources and cannot be written by a program; a line each. */
export function problemsOf(root) {
  const sources = readdirSync(join(root, 'src'), { recursive: true })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => readFileSync(join(root, 'src', name), 'utf8'));
  return [
    ...codeProblems(sources, readFileSync(join(root, 'docs/errors.md'), 'utf8')),
    ...variableProblems(sources, readFileSync(join(root, 'docs/configuration.md'), 'utf8')),
    ...linkProblems(root),
  ];
}

/** Error codes are string literals; names of environment variables look the same but are read from `env`. */
function codeProblems(sources, page) {
  const thrown = all(sources, /(?<!env(?:ironment)?\[)'(NAS_[A-Z0-9_]+[A-Z0-9])'/g);
  const listed = all([page], /^\| `(NAS_[A-Z0-9_]+)`/gm);
  return [
    ...[...thrown].filter((code) => !listed.has(code)).map((code) => `docs/errors.md lacks ${code}`),
    ...[...listed]
      .filter((code) => !thrown.has(code))
      .map((code) => `docs/errors.md has ${code}, which is gone`),
  ];
}

function variableProblems(sources, page) {
  const read = all(sources, /process\.env\['([A-Z0-9_]+)'\]/g);
  const named = all(sources, /['.]((?:NAS_|NO_|XDG_)?[A-Z][A-Z0-9_]*)\b/g);
  const listed = all([page], /^\| `([A-Z0-9_]+)`/gm);
  return [
    ...[...read]
      .filter((name) => !listed.has(name))
      .map((name) => `docs/configuration.md lacks the environment variable ${name}`),
    ...[...listed]
      .filter((name) => !named.has(name))
      .map((name) => `docs/configuration.md has the environment variable ${name}, which nothing reads`),
  ];
}

function linkProblems(root) {
  const within = (folder) =>
    readdirSync(join(root, folder), { recursive: true })
      .filter((name) => name.endsWith('.md') && !name.includes('.venv'))
      .map((name) => join(folder, name));
  return ['README.md', 'CONTRIBUTING.md', ...within('docs'), ...within('bench')].flatMap((page) => {
    const path = join(root, page);
    const text = readFileSync(path, 'utf8').replace(/```[\s\S]*?```/g, '');
    return [...all([text], /\]\(([^)\s]+)\)/g)]
      .filter((target) => !/^[a-z]+:/.test(target) && !leads(path, target))
      .map((target) => `${page}: the link ${target} leads nowhere`);
  });
}

function leads(path, target) {
  const [file, anchor] = target.split('#');
  const place = file === '' ? path : join(dirname(path), file);
  if (!existsSync(place)) return false;
  if (anchor === undefined) return true;
  const headings = all([readFileSync(place, 'utf8')], /^#+ (.*)$/gm);
  return [...headings].some((heading) => anchorOf(heading) === anchor);
}

/** The anchor that a heading gets: lower case, marks dropped, spaces to dashes. */
function anchorOf(heading) {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
}

function all(texts, pattern) {
  return new Set(texts.flatMap((text) => [...text.matchAll(pattern)].map((match) => match[1])));
}
