import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { pictureReader } from '../../src/data/pictures/picture.js';
import { whatIsDamaged } from '../../src/data/pictures/what-it-is.js';
import { scratch } from './fixtures.js';

const noise = Buffer.from(Array.from({ length: 96 * 96 * 3 }, (_, i) => ((i * 2654435761) >>> 13) & 255));
const jpeg = await sharp(noise, { raw: { width: 96, height: 96, channels: 3 } })
  .jpeg({ quality: 80 })
  .toBuffer();
const png = await sharp(noise, { raw: { width: 96, height: 96, channels: 3 } })
  .png()
  .toBuffer();
const scan = jpeg.indexOf(Buffer.from([0xff, 0xda]));
const tables = jpeg.indexOf(Buffer.from([0xff, 0xc4]));
const upTo = (share: number): Buffer => jpeg.subarray(0, scan + Math.floor(share * (jpeg.length - scan)));
const filled = (from: number, count: number, value: number): Buffer =>
  Buffer.from(jpeg).fill(value, from, from + count);

describe('a broken picture', () => {
  it.each([
    ['whose header is cut', jpeg.subarray(0, 100), /^cannot be read \(.*premature end/],
    ['with a wrong Huffman table', filled(tables + 6, 16, 0xff), /^cannot be read \(.*Huffman table/],
    ['whose scan is cut', upTo(0.3), /^6\d\.\d\d % of its rows are missing \(.*premature end/],
    ['of zeros', Buffer.alloc(5000), /^cannot be read \(it is 4.88 KiB of zeros, no picture\)$/],
    ['that is empty', Buffer.alloc(0), /^cannot be read \(the file is empty\)$/],
    ['that is a web page', Buffer.from('\n<!-- x -->\n<html>404</html>'), /it is a web page, no picture/],
    ['that is an answer in JSON', Buffer.from('{"error":"gone"}'), /text that begins with "\{\\"error\\":/],
    ['that is one in XML', Buffer.from('<?xml version="1.0"?><Error/>'), /it is an XML document, no picture/],
    ['that is plain text', Buffer.from('Not Found'), /it is text that begins with "Not Found", no picture/],
    ['that is a document', Buffer.from('%PDF-1.4\n%\xe2\xe3'), /it is a PDF document, no picture/],
  ])('%s is named by what is wrong', async (_, bytes, expected) => {
    const path = join(await scratch(), 'x.jpg');
    await writeFile(path, bytes);
    const reader = await pictureReader();
    const { fault } = await reader.picture(path, 32, {});
    expect(fault).toMatch(expected);
  });

  it.each([
    ['that is cut', jpeg.subarray(0, 3000), /ends before the picture does/],
    ['that is whole at its end', jpeg, /^damaged data before the end/],
    ['that is cut, a PNG', png.subarray(0, png.length / 2), /ends before the picture does/],
    ['of another format', Buffer.from('RIFF'), /^damaged data$/],
  ])('%s is looked at where its decoder says nothing', async (_, bytes, expected) => {
    const path = join(await scratch(), 'x.jpg');
    await writeFile(path, bytes);
    expect(await whatIsDamaged(path)).toMatch(expected);
  });
});
