import { createHash } from 'node:crypto';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import {
  reportHtml,
  studyView,
  trialView,
  type ReportData,
  type StudyFacts,
} from '../../../src/report/index.js';
import { embeddedJson, htmlText } from '../../../src/report/html/escape.js';
import { createMemoryStore } from '../../../src/trials/index.js';
import { done, latency, newTrial, STUDY } from '../../../src/testing/index.js';

const HOSTILE = [
  '<img src=x onerror=alert(1)>',
  '</script><script>alert(1)</script>',
  '</title><svg onload=alert(1)>',
  '<!--<script>',
  '-->',
  ']]>',
  '"\' onmouseover=alert(1) x="',
  '../../x',
  '\u2028alert(1)\u2029',
  '&lt;b&gt;',
  'a\u202egnp.exe',
];
const ALL = HOSTILE.join('|');

const page = {
  script: 'const a = "</script>"; const b = "<!--<script>"; globalThis.seen = [a, b];',
  style: 'p::after { content: "</style>" }',
  worker: '',
};

function hostile(): ReportData {
  const store = createMemoryStore({ ...STUDY, name: ALL, environment: { [ALL]: ALL } });
  store.begin([newTrial({ text: ALL, note: { [ALL]: ALL } }), newTrial({ text: ALL })], null);
  store.finish(1, done(0.5, 1, { latency: latency(1, { platform: ALL }), checkpoint: ALL }), 0, null);
  const failed = { state: 'failed', reason: ALL, latency: null, curve: [], seconds: 1 } as const;
  store.finish(2, failed, null, null);
  const facts: StudyFacts = {
    head: {
      ...{ name: ALL, space: ALL, data: ALL, strategy: ALL, seed: ALL, createdAt: 0 },
      targets: [{ platform: ALL, targetMs: 2 }],
      settings: [[ALL, ALL]],
      environment: [[ALL, ALL]],
    },
    ...{ targetMs: 2, classes: 10, pool: null, scaling: null, asOf: 0 },
    choices: [1, 2, 3].map((name) => ({ name: `${ALL}${name}`, options: [ALL, 1, 2] })),
  };
  const trials = Object.fromEntries([1, 2].map((id) => [id, trialView(store, id, facts)!]));
  return { study: studyView(store, facts), trials };
}

/** The contents of all elements of a name, found as a browser does: up to the first end tag. */
function elements(html: string, name: string): { readonly attributes: string; readonly text: string }[] {
  const found = html.matchAll(new RegExp(`<${name}(\\s[^>]*)?>([\\s\\S]*?)</${name}`, 'gi'));
  return [...found].map(([, attributes = '', text = '']) => ({ attributes, text }));
}

const hash = (text: string): string => `sha256-${createHash('sha256').update(text).digest('base64')}`;

describe('the HTML of a report', () => {
  const data = hostile();
  const html = reportHtml(data, page);

  it('holds its own scripts and style, for any texts in the study', () => {
    expect(elements(html, 'script').map(({ attributes }) => attributes)).toEqual([
      ' id="nas-view" type="application/json"',
      '',
    ]);
    expect(elements(html, 'style')).toHaveLength(1);
    expect(html.match(/<!--/g)).toBeNull();
    expect(html.match(/<(?:img|svg)/gi)).toBeNull();
    expect(html.match(/\u2028|\u2029/g)).toBeNull();
  });

  it('lets only those run, and nothing be loaded or sent', () => {
    const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(html)?.[1]?.split('; ');
    const script = elements(html, 'script')[1]?.text ?? '';
    const style = elements(html, 'style')[0]?.text ?? '';
    expect(policy).toEqual([
      "default-src 'none'",
      `script-src '${hash(script)}'`,
      `style-src '${hash(style)}'`,
      'img-src data:',
      "base-uri 'none'",
      "form-action 'none'",
    ]);
    expect(html.indexOf('Content-Security-Policy')).toBeLessThan(html.indexOf('<style'));
    expect(html.match(/(?:src|href)="(?!data:,")/g)).toBeNull();
  });

  it('has a script that still means the same', () => {
    const seen: { seen?: unknown } = {};
    runInNewContext(elements(html, 'script')[1]?.text ?? '', seen);
    expect(seen.seen).toEqual(['</script>', '<!--<script>']);
  });

  it('holds the very data', () => {
    const embedded = JSON.parse(elements(html, 'script')[0]?.text ?? '') as ReportData;
    expect(embedded.study).toEqual(data.study);
    expect(embedded.trials['2']).toEqual(data.trials['2']);
    expect(embedded.trials['1']?.row.text).toBe(ALL);
  });

  it('can be read without its script', () => {
    const summary = html.slice(html.indexOf('<main'), html.indexOf('</main>'));
    for (const part of ['Frontier', 'Settings', 'Environment', 'Choices that matter', '50.00 %', '1.000 ms'])
      expect(summary).toContain(part);
    expect(summary).toContain('trial 1: 50.00 % on held-out pictures at 1.000 ms');
    expect(summary).toContain('&lt;img src=x onerror=alert(1)&gt;');
  });
});

describe('who is indistinguishable', () => {
  it('is named in the frontier', () => {
    const store = createMemoryStore(STUDY);
    for (const [accuracy, ms, low, high] of [
      [0.5, 1, 0.9, 1.1],
      [0.6, 1.15, 1.05, 1.2],
      [0.7, 2, 1.9, 2.1],
    ] as const) {
      const [trial] = store.begin([newTrial()], null);
      const record = latency(ms, { lowMs: low, highMs: high });
      store.finish(trial!.id, done(accuracy, ms, { latency: record }), 0, null);
    }
    const { study } = hostile();
    const view = studyView(store, {
      ...{ head: study.head, targetMs: 2, classes: 10 },
      choices: null,
      pool: null,
      scaling: null,
      asOf: 0,
    });
    const html = reportHtml({ study: view, trials: {} }, page);
    const last = (trial: number): string | undefined =>
      new RegExp(`<tr><th scope="row">${trial}</th>.*<td>([^<]*)</td></tr>`).exec(html)?.[1];
    expect([1, 2, 3].map(last)).toEqual(['trial 2', 'trial 1', 'none: all others differ']);
  });
});

describe('escaping', () => {
  it('leaves nothing that ends an element or a string', () => {
    for (const text of HOSTILE) {
      expect(embeddedJson({ [text]: text })).not.toMatch(/[<>&\u2028\u2029]/);
      expect(JSON.parse(embeddedJson({ [text]: text }))).toEqual({ [text]: text });
      expect(htmlText(text)).not.toMatch(/[<>"'\u202e]/);
    }
  });
});
