// npm run size: lines per room; a file should have about 100 and at most 300.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const src = join(dirname(fileURLToPath(import.meta.url)), '../src');
const rooms = new Map();
for (const name of readdirSync(src, { recursive: true }).filter((file) => file.endsWith('.ts'))) {
  const room = name.includes(sep) ? name.split(sep)[0] : '(top)';
  const lines = readFileSync(join(src, name), 'utf8').split('\n').length - 1;
  rooms.set(room, [...(rooms.get(room) ?? []), { name, lines }]);
}

const rows = [...rooms].sort(([a], [b]) => a.localeCompare(b)).map(([room, files]) => row(room, files));
const all = [...rooms.values()].flat();
console.log(['room', 'files', 'lines', 'median', 'max', 'largest'].map(pad).join(' '));
for (const cells of [...rows, row('all', all)]) console.log(cells.map(pad).join(' '));
const long = all.filter(({ lines }) => lines > 300);
for (const { name, lines } of long) console.log(`over 300 lines: src/${name} (${lines})`);

function row(room, files) {
  const sorted = [...files].sort((a, b) => a.lines - b.lines);
  const largest = sorted.at(-1);
  const total = sorted.reduce((sum, { lines }) => sum + lines, 0);
  const median = sorted[Math.floor((sorted.length - 1) / 2)].lines;
  return [room, sorted.length, total, median, largest.lines, largest.name];
}

function pad(cell, column) {
  return column === 0 ? String(cell).padEnd(10) : column === 5 ? String(cell) : String(cell).padStart(7);
}
