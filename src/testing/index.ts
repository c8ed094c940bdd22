/**
 * Contract suites for vitest: what every strategy, platform, exporter and trial store promises. Published as
 * `platform-nas/testing`, so that they can be held against implementations outside this repository.
 */
export { describeExporter } from './exporter.js';
export { describePlatform, type PlatformContract } from './platform.js';
export { done, latency, newTrial, STUDY } from './samples.js';
export { skipTests, type Skipping } from './skip.js';
export { describeStore } from './store.js';
export { describeStrategy, type StrategyCase } from './strategy.js';
