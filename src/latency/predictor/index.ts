/** Latency learned from measurements of one device: a sum of what a network makes it do, with an interval. */
export { featuresOf, type Features } from './features.js';
export { fitAside, type TimedNetwork } from './fit-aside.js';
export {
  fitPredictor,
  LEAST_OBSERVATIONS,
  type Observation,
  type Prediction,
  type Predictor,
  type PredictorOptions,
} from './predictor.js';
