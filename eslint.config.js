import js from '@eslint/js';
import tseslint from 'typescript-eslint';

/** Where time, chance, the environment and the terminal may be touched; everybody else is handed them. */
const OUTSIDE = ['src/core/**', 'src/app/**', 'src/cli/**'];

const node = Object.fromEntries(
  ['console', 'process', 'performance', 'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval']
    .concat(['AbortController', 'AbortSignal', 'URL', 'Buffer', 'fetch', 'module'])
    .map((name) => [name, 'readonly']),
);

export default tseslint.config(
  {
    ignores: [
      'dist/',
      'node_modules/',
      'runs/',
      'coverage/',
      '.tensorflow/',
      '.data/',
      '**/.venv/',
      '**/golden/',
    ],
  },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  {
    files: ['**/*.{js,mjs,cjs}'],
    languageOptions: { globals: node, ecmaVersion: 2024 },
    rules: {
      'no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
    },
  },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true, requireDefaultForNonUnion: false },
      ],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', destructuredArrayIgnorePattern: '^_' },
      ],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // Throwing an abort signal's reason, whatever it is, is how cancelling works.
      '@typescript-eslint/only-throw-error': ['error', { allowThrowingUnknown: true }],
      // Objects here are made of closures, their methods know no `this`.
      '@typescript-eslint/unbound-method': 'off',
      // Taste, not errors:
      '@typescript-eslint/no-confusing-void-expression': 'off',
      '@typescript-eslint/no-meaningless-void-operator': 'off',
      '@typescript-eslint/no-unnecessary-type-arguments': 'off',
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
      '@typescript-eslint/no-misused-spread': 'off',
      'no-control-regex': 'off',
      'no-misleading-character-class': 'off',
      '@typescript-eslint/no-invalid-void-type': 'off',
      '@typescript-eslint/unified-signatures': 'off',
    },
  },
  {
    files: ['src/**/*.ts'],
    ignores: OUTSIDE,
    rules: {
      'no-restricted-globals': ['error', { name: 'console', message: 'return it, or take a callback' }],
      'no-restricted-properties': [
        'error',
        { object: 'Math', property: 'random', message: 'take an Rng of core' },
        { object: 'Date', property: 'now', message: 'use now() of core' },
        { object: 'performance', property: 'now', message: 'use stopwatch() of core' },
        { object: 'process', property: 'env', message: 'take the environment as a parameter' },
        { object: 'process', property: 'exit', message: 'throw or return; the cli ends the process' },
      ],
      'no-restricted-syntax': [
        'error',
        {
          selector: "NewExpression[callee.name='Date'][arguments.length=0]",
          message: 'use now() of core',
        },
      ],
    },
  },
  {
    // Separate processes, that end themselves; and what a library reads of the process it is loaded into.
    files: ['src/pool/host.ts', 'src/pool/worker/worker.ts', 'src/backends/onnxruntime/binding.ts'],
    rules: { 'no-restricted-properties': 'off' },
  },
  {
    files: ['src/testing/**/*.ts', 'test/**/*.ts', 'bench/**/*.ts', 'examples/**/*.ts'],
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-extraneous-class': 'off',
    },
  },
);
