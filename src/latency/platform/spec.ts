/**
 * A latency platform as a user names it, `NAME[:OPTIONS]`; plain data that is stored with the study and crosses
 * processes. Secrets are no part of it.
 */
export type PlatformSpec =
  /** `tensorflow`: the device that trains, one compiled graph. */
  | { readonly kind: 'tensorflow' }
  /**
   * `onnxruntime`, `onnxruntime:threads=2`: this machine's CPU; null: as many threads as the study's host uses.
   * `onnxruntime:int8`: networks in whole numbers of 8 bits.
   */
  | { readonly kind: 'onnxruntime'; readonly int8?: true; readonly threads: number | null }
  /** `chromium`, `chromium:wasm,threads=2`, `chromium:webgpu`: the system's headless Chromium with ONNX Runtime Web. */
  | { readonly kind: 'chromium'; readonly provider: 'wasm' | 'webgpu'; readonly threads: number | null }
  /** `command:PROGRAM [ARGUMENTS]`: any program that gets an ONNX file's path and prints its runs as JSON. */
  | { readonly kind: 'command'; readonly program: string; readonly args: readonly string[] }
  /** `agent:http://HOST:PORT`: `nas agent` on another machine; see `tokenFor` for its token. */
  | { readonly kind: 'agent'; readonly url: string }
  /** `table:FILE`: a look-up table only, nothing is timed. */
  | { readonly kind: 'table'; readonly file: string };

/** How each kind is written, for help and errors. */
export const PLATFORM_FORMS: Readonly<Record<PlatformSpec['kind'], string>> = Object.freeze({
  tensorflow: 'tensorflow',
  onnxruntime: 'onnxruntime[:int8][,threads=N]',
  chromium: 'chromium[:wasm|webgpu][,threads=N]',
  command: 'command:PROGRAM [ARGUMENTS]',
  agent: 'agent:http://HOST:PORT',
  table: 'table:FILE',
});

/** Every kind of latency platform. */
export const platformNames: readonly PlatformSpec['kind'][] = Object.freeze([
  'tensorflow',
  'onnxruntime',
  'chromium',
  'command',
  'agent',
  'table',
]);
