import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { NATIVE_PACKAGES, nativePackage, packageRoot } from '../../src/core/index.js';

it('the native packages are those that the tests run with, and none is installed by npm install', () => {
  const read = (name: string): unknown => JSON.parse(readFileSync(join(packageRoot(), name), 'utf8'));
  const { packages } = read('package-lock.json') as {
    packages: Record<string, { version: string; integrity: string }>;
  };
  const { dependencies } = read('package.json') as { dependencies: Record<string, string> };
  for (const [name, pin] of Object.entries(NATIVE_PACKAGES)) {
    expect(packages[`node_modules/${name}`]).toMatchObject(pin);
    expect(dependencies).not.toHaveProperty([name]);
  }
  expect(nativePackage('onnxruntime-common', join(packageRoot(), 'no such folder'))).toBeDefined();
});
