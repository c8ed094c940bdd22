// node scripts/terminal-picture.mjs < coloured-text > picture.html: a terminal's text with ANSI colours as a page, to be
// photographed for the documents (chromium --headless --screenshot).
import { readFileSync } from 'node:fs';

const ESCAPE = String.fromCharCode(27);
const COLOURS = { 31: '#f07178', 32: '#a5d16b', 33: '#ffcb6b', 35: '#d7a1e8', 36: '#7fd6e8' };
const text = readFileSync(0, 'utf8').replaceAll('\r', '');
const escape = (part) => part.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** What the codes so far have switched on; a terminal's own codes for "as before" (22, 39) switch off again. */
const now = { bold: false, quiet: false, colour: '' };
const css = () =>
  [now.bold && 'font-weight:bold', now.quiet && 'color:#8b93a7', now.colour && `color:${now.colour}`]
    .filter(Boolean)
    .join(';');

function apply(code) {
  if (code === '' || code === '0') Object.assign(now, { bold: false, quiet: false, colour: '' });
  else if (code === '1') now.bold = true;
  else if (code === '2') now.quiet = true;
  else if (code === '22') Object.assign(now, { bold: false, quiet: false });
  else if (code === '39') now.colour = '';
  else if (code in COLOURS) now.colour = COLOURS[code];
}

const body = text
  .split(new RegExp(`(${ESCAPE}\\[[0-9;]*m)`))
  .map((part) => {
    const codes = new RegExp(`^${ESCAPE}\\[([0-9;]*)m$`).exec(part)?.[1]?.split(';');
    codes?.forEach(apply);
    if (codes !== undefined || part === '') return '';
    return css() === '' ? escape(part) : `<span style="${css()}">${escape(part)}</span>`;
  })
  .join('');

process.stdout.write(`<!doctype html><meta charset="utf-8"><body style="margin:0;background:#171b24">
<pre style="margin:0;padding:18px 22px;color:#e4e8f1;font:15px/1.28 'DejaVu Sans Mono',monospace">${body}</pre>`);
