/**
 * Why tests may be skipped in CI: what a machine may lack that CI cannot give it. Any other reason, and none at all,
 * fails CI, so that skips do not become more unnoticed.
 */
const MAY_LACK = [
  /TensorFlow .*(is not set up|nas setup)|no TensorFlow/,
  /^NAS_BENCH_PYTHON names no Python/,
  /cannot be read by another user than root$|^not root$/,
  /^no \/proc\/locks/,
  /software adapter for WebGPU$/,
  /^this machine has one core/,
  // A platform of the tests that cannot distinguish networks.
  /^all of its networks take as long$/,
  // A large download, which npm run test:interop makes.
  /: npm run test:interop (installs it|runs it)$/,
  /^Debian’s dataset-fashion-mnist is not installed$/,
];

/** Tools that .ci/run installs; where it says in NAS_CI_LACKS that it could not, their tests may be skipped. */
const INSTALLED = {
  chromium: /Chromium/,
  sqlite3: /^sqlite3 is not installed$/,
  redis: /^redis-server is not installed$/,
  interop: /: node scripts\/interop\.mjs/,
};

/** Why a test was skipped: its note, else what its name says in `(skipped: …)`; null where neither does. */
export function skipReason(fullName, note) {
  return note ?? /\(skipped: (.*?)\)(?: > |$)/.exec(fullName)?.[1] ?? null;
}

/** Skipped tests that CI does not accept. @param lacks tools that could not be installed, separated by spaces */
export function refusedSkips(skipped, lacks = '') {
  const missing = lacks.split(' ').flatMap((tool) => INSTALLED[tool] ?? []);
  return skipped.filter(
    ({ reason }) => reason === null || ![...MAY_LACK, ...missing].some((pattern) => pattern.test(reason)),
  );
}
