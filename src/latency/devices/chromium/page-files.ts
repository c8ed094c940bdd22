import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { entryFile } from '../../../core/index.js';
import type { Provider } from './page-api.js';
import type { Served } from './server.js';

/** The page itself; the classic script comes first and leaves ONNX Runtime Web as the global `ort`. */
const HTML = `<!doctype html>
<meta charset="utf-8">
<title>platform-nas</title>
<script src="ort.js"></script>
<script type="module" src="page.js"></script>
`;

/** The builds of ONNX Runtime Web: its script, and which of its WebAssembly it loads. */
const BUILDS: Readonly<Record<Provider, { readonly script: string; readonly wasm: string }>> = {
  wasm: { script: 'onnxruntime-web/wasm', wasm: 'ort-wasm-simd-threaded' },
  webgpu: { script: 'onnxruntime-web/webgpu', wasm: 'ort-wasm-simd-threaded.asyncify' },
};

/**
 * All files that the page may ask for, by path.
 * @throws NasError `NAS_NOT_BUILT` when the page's script has not been built
 */
export async function pageFiles(provider: Provider): Promise<ReadonlyMap<string, Served>> {
  const { resolve } = createRequire(import.meta.url);
  const { script, wasm } = BUILDS[provider];
  const [page, ort, glue, binary] = await Promise.all([
    readFile(entryFile(import.meta.url, 'page')),
    readFile(resolve(script)),
    readFile(resolve(`onnxruntime-web/${wasm}.mjs`)),
    readFile(resolve(`onnxruntime-web/${wasm}.wasm`)),
  ]);
  return new Map([
    ['page.html', { mediaType: 'text/html; charset=utf-8', bytes: Buffer.from(HTML) }],
    ['page.js', { mediaType: 'text/javascript', bytes: page }],
    ['ort.js', { mediaType: 'text/javascript', bytes: ort }],
    ['ort-wasm.mjs', { mediaType: 'text/javascript', bytes: glue }],
    ['ort-wasm.wasm', { mediaType: 'application/wasm', bytes: binary }],
  ]);
}
