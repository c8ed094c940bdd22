/** The platform `agent`: a small server on another machine that times ONNX files there, and its client. */
export { agentDevice, type AgentDeviceOptions } from './device.js';
export { startAgent, type Agent, type AgentLimits, type AgentOptions } from './server.js';
export { checkToken, makeToken } from './token.js';
export { tokenFor } from './tokens.js';
export { AGENT_PORT } from './wire.js';
