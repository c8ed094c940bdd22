/**
 * Which published networks fit a budget of multiply-adds? Pure arithmetic: nothing native is loaded.
 *
 *     npm run example count-multiply-adds
 */
import { maddsOf, paramsOf, presetArchitecture, presetNames } from 'platform-nas';

const task = { input: [224, 224, 3], classes: 1000 } as const;
const budget = 230e6;

for (const name of presetNames) {
  const architecture = presetArchitecture(name, task);
  const madds = maddsOf(architecture);
  const fits = madds <= budget ? 'fits' : 'too large';
  console.log(
    `${name.padEnd(34)} ${(madds / 1e6).toFixed(0)} M  ${(paramsOf(architecture) / 1e6).toFixed(2)} M  ${fits}`,
  );
}
