import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { architectureFromText, resolveArchitecture, resolveSpace } from '../../src/app/resolve.js';
import { NasError } from '../../src/core/index.js';
import { describeArchitecture, formatArchitecture, presetArchitecture } from '../../src/space/index.js';
import { temporaryFolder } from './samples.js';

const task = { input: [28, 28, 1], classes: 10 } as const;
const TEXT = 'nas1:28x28x1 cn_k3_s2_c8_hs ir_k3_s1_e16_c8_re gap fc_c10_id';

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof NasError) return error.code;
    throw error;
  }
  return 'none';
}

describe('an architecture is named by', () => {
  it('its text, blanks around it forgiven', () => {
    const { architecture, name } = resolveArchitecture(`  ${TEXT}\n`, task);
    expect(formatArchitecture(architecture)).toBe(TEXT);
    expect(name).toBeUndefined();
  });

  it('a preset, for the task given', () => {
    const { architecture, name } = resolveArchitecture('mobilenet_v3_small@0.75', task);
    expect(name).toBe('mobilenet_v3_small@0.75');
    expect(architecture).toEqual(presetArchitecture('mobilenet_v3_small@0.75', task));
  });

  it('a file with its text, its description or its plain data', () => {
    using folder = temporaryFolder();
    const { architecture } = resolveArchitecture(TEXT, task);
    const contents = {
      'text.txt': `${TEXT}\n`,
      'described.json': JSON.stringify(describeArchitecture(architecture)),
      'plain.json': JSON.stringify(architecture),
      'inside.json': JSON.stringify({ architecture }),
      'without-ending': TEXT,
    };
    for (const [name, content] of Object.entries(contents)) {
      writeFileSync(join(folder.path, name), content);
      const read = resolveArchitecture(join(folder.path, name), task).architecture;
      expect(formatArchitecture(read), name).toBe(TEXT);
    }
  });
});

describe('what is no architecture', () => {
  it('is a preset that there is not', () => {
    expect(codeOf(() => resolveArchitecture('resnet50', task))).toBe('NAS_UNKNOWN_PRESET');
    expect(codeOf(() => resolveArchitecture('', task))).toBe('NAS_UNKNOWN_PRESET');
    expect(codeOf(() => resolveArchitecture('constructor', task))).toBe('NAS_UNKNOWN_PRESET');
  });

  it('is a path that leads nowhere, to a folder or to itself', () => {
    using folder = temporaryFolder();
    mkdirSync(join(folder.path, 'folder.json'));
    symlinkSync('loop.json', join(folder.path, 'loop.json'));
    const paths = [
      'no.json',
      'folder.json',
      'loop.json',
      '../no/../../no.txt',
      'a/\0.json',
      'x'.repeat(5000) + '.txt',
    ];
    for (const path of paths) {
      expect(
        codeOf(() => resolveArchitecture(join(folder.path, path), task)),
        path,
      ).toBe('NAS_NO_FILE');
    }
  });

  it('is a file of more than 16 MiB, which is not read', () => {
    using folder = temporaryFolder();
    const path = join(folder.path, 'huge.json');
    writeFileSync(path, '{');
    truncateSync(path, 2 ** 40);
    expect(() => resolveArchitecture(path, task)).toThrow(
      /huge\.json: 1099511627776 bytes, more than 16\S* MiB; expected .* at most 16 MiB/,
    );
  });

  it.each([
    '',
    '{',
    '{}',
    'null',
    '[]',
    '{"text":"nas1:"}',
    '{"text":1}',
    '{"architecture":null}',
    '\0\0\0',
    '{"__proto__":1}',
  ])('is the text %j', (content) => {
    expect(codeOf(() => architectureFromText(content, 'my.json'))).toBe('NAS_BAD_ARCHITECTURE');
  });
});

describe('a search space is named by', () => {
  it('its name, also where a file is called the same', () => {
    expect(resolveSpace('mnasnet', task).name).toBe('mnasnet');
  });

  it('nothing else', () => {
    expect(codeOf(() => resolveSpace('nix', task))).toBe('NAS_UNKNOWN_SPACE');
    expect(codeOf(() => resolveSpace('nix.yml', task))).toBe('NAS_NO_SPACE_FILE');
    using folder = temporaryFolder();
    expect(codeOf(() => resolveSpace(folder.path, task))).toBe('NAS_NO_SPACE_FILE');
  });
});
