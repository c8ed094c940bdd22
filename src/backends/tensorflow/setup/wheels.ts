/** `cpu` runs everywhere; `gpu` brings CUDA's libraries for an NVIDIA card. */
export type Flavour = 'cpu' | 'gpu';

/** TensorFlow's release whose C interface the binding is built against. */
export const TENSORFLOW_VERSION = '2.21.0';

/**
 * The tags of the wheel that is asked for. Only its C libraries are used, so this says nothing about the Python
 * that runs pip: any Python 3 can fetch the wheel of another one.
 */
export const WHEEL_TAGS = {
  python: '3.11',
  implementation: 'cp',
  abi: 'cp311',
  platforms: ['manylinux_2_27_x86_64', 'manylinux_2_17_x86_64', 'manylinux2014_x86_64'],
} as const;

/** What a flavour downloads and needs, in bytes; for the disk check and the estimate, not for verification. */
export interface FlavourSizes {
  readonly download: number;
  /** At the peak: wheels, pip's temporary copy and the unpacked libraries together. */
  readonly disk: number;
}

const MB = 1e6;

export const WHEELS: Readonly<Record<Flavour, { readonly project: string; readonly sizes: FlavourSizes }>> = {
  cpu: { project: 'tensorflow-cpu', sizes: { download: 274 * MB, disk: 1500 * MB } },
  gpu: { project: 'tensorflow', sizes: { download: 2750 * MB, disk: 9500 * MB } },
};

/**
 * The requirements of a wheel's extra, as pip takes them: `nvidia-cublas-cu12<13.0,>=12.5.3.2`.
 * @param metadata the text of the wheel's METADATA
 */
export function requirementsOfExtra(metadata: string, extra: string): readonly string[] {
  const form = /^Requires-Dist:\s*([A-Za-z0-9][\w.-]*)\s*\(?([^;()]*)\)?\s*;(.*)$/;
  const wanted = new RegExp(`extra\\s*==\\s*["']${extra}["']`);
  return metadata.split(/\r?\n/).flatMap((line) => {
    const [, name, versions = '', marker = ''] = form.exec(line) ?? [];
    return name !== undefined && wanted.test(marker) ? [name + versions.replaceAll(' ', '')] : [];
  });
}
