/** A package whose install script must not run, as the registry has it. */
export interface PackagePin {
  readonly version: string;
  /** SHA-512 of its archive, as in package-lock.json. */
  readonly integrity: string;
}

/**
 * Packages that `nas setup` brings in place of `npm install`: their own install scripts compile, or download from places
 * that many networks do not reach, and a failure of one would fail the whole installation.
 */
export const NATIVE_PACKAGES = Object.freeze({
  '@tensorflow/tfjs-node-gpu': {
    version: '4.22.0',
    integrity:
      'sha512-p//NN6DGiN4hInUmIkRffaFVMcdTREUMjPyjW04J7OXvB2zBlQimj61eFKSgRrH3f5TnOfKzb0n56he/B6a4bw==',
  },
  'better-sqlite3': {
    version: '12.9.0',
    integrity:
      'sha512-wqUv4Gm3toFpHDQmaKD4QhZm3g1DjUBI0yzS4UBl6lElUmXFYdTQmmEDpAFa5o8FiFiymURypEnfVHzILKaxqQ==',
  },
  'onnxruntime-node': {
    version: '1.30.0',
    integrity:
      'sha512-twhs1C2C/BFkz1yc5OY0KIU2GUq6DURO7hD4bx5Q2Qy3nAMJwRXW8xU3NVczE29VA9lolLOYepoD8fjTGOfIqw==',
  },
  'onnxruntime-common': {
    version: '1.30.0',
    integrity:
      'sha512-7fdVWjAID1dVhH/G8qK3APARunV4VkBFoCQAP7qp4Wkab0mrorvmc+sqiT+mKXOzDqdjN5j+/Z9nb4gzNPWcyA==',
  },
} satisfies Record<string, PackagePin>);

export type NativePackage = keyof typeof NATIVE_PACKAGES;
