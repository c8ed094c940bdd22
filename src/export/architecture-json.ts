import { jsonArtifact } from './artifacts.js';
import { NasError, parseUserJson } from '../core/index.js';
import {
  architectureFromJson,
  costsOf,
  formatArchitecture,
  layersOf,
  toJson,
  type Architecture,
} from '../space/index.js';
import {
  assertDescribed,
  assertTrained,
  type Artifact,
  type DescribedNetwork,
  type Exporter,
} from './exporter.js';
import { accuracyOf, originOf, preprocessingOf } from './metadata.js';

const FORMAT = 'platform-nas-architecture';

/** `architecture.json`: the network's shape and what is known about it, to be read alone. Holds no weights. */
export const jsonExporter: Exporter = {
  format: 'json',
  export(trained) {
    assertTrained(trained);
    return architectureJson(trained);
  },
};

/** What {@link jsonExporter} writes, of a network whose weights need not be there. @throws RangeError */
export function architectureJson(described: DescribedNetwork): readonly Artifact[] {
  assertDescribed(described);
  return [jsonArtifact('architecture.json', describe(described))];
}

function describe(described: DescribedNetwork) {
  const { architecture, mean, deviation, classes, latency } = described;
  return {
    format: FORMAT,
    version: 1,
    text: formatArchitecture(architecture),
    architecture: toJson(architecture),
    preprocessing: preprocessingOf(mean, deviation),
    classes,
    accuracy: accuracyOf(described),
    latency,
    ...originOf(described),
    ...costsOf(architecture),
    epsilon: described.epsilon,
    versions: described.versions,
    layers: layersOf(architecture).map(
      ({ name, op, from, in: input, out, kernel, stride, groups, ...rest }) => ({
        name,
        op,
        from,
        in: input,
        out,
        kernel,
        stride,
        groups,
        activation: rest.activation,
        params: rest.params,
        madds: rest.madds,
      }),
    ),
  };
}

/**
 * The architecture in an exported `architecture.json`, equal to the exported one. The text is not trusted.
 * @throws NasError `NAS_BAD_EXPORT` when it is not such a file, `NAS_BAD_ARCHITECTURE` when its blocks are wrong
 */
export function readArchitectureJson(text: string): Architecture {
  const read = parseUserJson(text);
  if ('fault' in read) throw badExport(`text that is not JSON: ${read.fault}`);
  const { value } = read;
  if (value === null || typeof value !== 'object') throw badExport(`JSON of another kind`);
  const { format, version, architecture } = value as Record<string, unknown>;
  if (format !== FORMAT) throw badExport(`format ${shown(format)}`);
  if (version !== 1) throw badExport(`${FORMAT} of version ${shown(version)}`);
  return architectureFromJson(architecture);
}

function shown(value: unknown): string {
  return value === undefined ? 'none' : JSON.stringify(value).slice(0, 80);
}

function badExport(found: string): NasError {
  return new NasError({
    code: 'NAS_BAD_EXPORT',
    found,
    expected: `${FORMAT} of version 1`,
    fix: 'write the file with nas export --format json',
  });
}
