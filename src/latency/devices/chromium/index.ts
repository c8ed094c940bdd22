/** The platform `chromium`: the system's headless Chromium with ONNX Runtime Web, wasm or WebGPU. */
export { chromiumDevice, type ChromiumDevice, type ChromiumDeviceOptions } from './device.js';
