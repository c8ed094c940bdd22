// tf.node.loadSavedModel FOLDER with the binding that nas setup built: writes the logits of pictures of ones, as JSON.
const Module = require('node:module');
const [binding, folder, shape] = process.argv.slice(2);
const load = Module._load;
// The package looks for a binding within itself, where its install script would have downloaded one.
Module._load = (name, ...rest) =>
  name === '@mapbox/node-pre-gyp' ? { find: () => binding } : load(name, ...rest);
const tf = require('@tensorflow/tfjs-node-gpu');

async function main() {
  const model = await tf.node.loadSavedModel(folder);
  const { logits } = model.predict({ input: tf.ones(JSON.parse(shape)) });
  process.stdout.write(`\n${JSON.stringify(Array.from(logits.dataSync()))}\n`);
}
main();
