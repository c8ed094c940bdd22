/** The platform `command`: any program that times an ONNX file. */
export { commandDevice, type CommandDeviceOptions } from './device.js';
