// node scripts/terminal-picture.mjs < coloured-text > picture.html: a terminal's text with ANSI colours as a page, to be
// photographed for the documents (chromium --headless --screenshot).
import { readFileSync } from 'node:fs';

const ESCAPE = String.fromCharCode(27);
const COLOURS = { 31: '#f07178', 32: '#a5d16b', 33: '#ffcb6b', 35: '#d7a1e8', 36: '#7fd6e8' };
const text = readFileSync(0, 'utf8').replaceAll('\r', '');
const escape = (part) => part.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

let style = '';
const body = text
  .split(new RegExp(`(${ESCAPE}\\[[0-9;]*m)`))
  .map((part) => {
    const codes = new RegExp(`^${ESCAPE}\\[([0-9;]*)m$`).exec(part)?.[1]?.split(';');
    if (codes === undefined)
      return style === '' ? escape(part) : `<span style="${style}">${escape(part)}</span>`;
    for (const code of codes) {
      if (code === '' || code === '0') style = '';
      else if (code === '1') style += 'font-weight:bold;';
      else if (code === '2') style += 'color:#8b93a7;';
      else if (code in COLOURS) style += `color:${COLOURS[code]};`;
    }
    return '';
  })
  .join('');

process.stdout.write(`<!doctype html><meta charset="utf-8"><body style="margin:0;background:#171b24">
<pre style="margin:0;padding:18px 22px;color:#e4e8f1;font:15px/1.28 'DejaVu Sans Mono',monospace">${body}</pre>`);
