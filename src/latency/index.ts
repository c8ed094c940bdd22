/** Platforms that time a network, the timing protocol and what is known of a measurement: spread, runs, device. */
export { defaultProtocol, type Protocol } from './protocol.js';
export { latencyRecord, type Measured } from './measured.js';
export { timeInterleaved, type Timed } from './interleave.js';
export { fingerprintDigest, fingerprintOf, type Fingerprint } from './fingerprint.js';
export { parsePlatform, platformNames, undisturbed } from './platform.js';
export type { Platform, PlatformName, Runnable, Surroundings } from './platform.js';
export { tensorflowPlatform, type TensorflowPlatformOptions } from './tensorflow.js';
export type { Device, OnnxWriter, Program } from './device.js';
export type { PlatformSpec } from './platform-spec.js';
