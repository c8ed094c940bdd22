import { cpSync, mkdirSync, rmSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Points, StudyCard, StudyPart, TrialView } from '../../src/report/index.js';
import { openStudy, readStudy, type TrialRow } from '../../src/trials/index.js';
import { fakeStudy, smallSpace } from '../app/samples.js';
import { emptyFolder } from '../cli/nas.js';
import { writeStudy } from '../cli/studies.js';
import { ask, json, serve } from './serve.js';

const spec = fakeStudy({ space: smallSpace });

describe('what a dashboard answers', () => {
  it('is what the store holds', async () => {
    using folder = emptyFolder();
    writeStudy(folder.path, spec);
    await using dashboard = await serve(folder.path);
    const api = `${dashboard.url}/api/studies`;
    using reader = readStudy(join(folder.path, 'demo'));
    const rows = reader.rows();

    const [card] = await json<StudyCard[]>(api);
    expect(card).toMatchObject({ name: 'demo', trials: 5, done: 3, running: true, targetMs: 4 });
    const { from, view } = await json<StudyPart>(`${api}/demo`);
    expect(from).toBe(0);
    expect(view.points.trial).toEqual(rows.map((row) => row.trial));
    expect(view.points.accuracy).toEqual(rows.map((row) => row.accuracy));
    expect(view.points.latencyMs).toEqual(rows.map((row) => row.latencyMs));
    expect(view.frontier).toEqual(reader.frontier().map((row) => row.trial));
    expect(view.best).toBe(reader.best(4)?.trial);
    const trial = await json<TrialView>(`${api}/demo/trials/2`);
    expect(trial.row).toEqual(rows[1]);
    const listed = await json<TrialRow[]>(`${api}/demo/trials?sort=accuracy&desc=1&limit=2`);
    expect(listed).toEqual(reader.rows({ sort: 'accuracy', descending: true, limit: 2 }));
    const where = encodeURIComponent('latencyMs < 3ms and accuracy > 65%');
    expect(await json(`${api}/demo/trials?columns=trial&where=${where}`)).toEqual([2]);
  });

  it('is read apart from the server, which answers others meanwhile', async () => {
    using folder = emptyFolder();
    writeStudy(folder.path, spec);
    await using dashboard = await serve(folder.path);
    const order: string[] = [];
    const asked = async (path: string): Promise<void> => {
      expect((await ask(`${dashboard.url}${path}`)).status).toBe(200);
      order.push(path);
    };
    await Promise.all([asked('/api/studies/demo'), asked('/')]);
    expect(order).toEqual(['/', '/api/studies/demo']);
  });

  it('leaves out points that the page knows, of the same study only', async () => {
    using folder = emptyFolder();
    writeStudy(folder.path, spec);
    await using dashboard = await serve(folder.path);
    const api = `${dashboard.url}/api/studies/demo`;
    const whole = await json<StudyPart>(api);
    const { createdAt } = whole.view.head;
    const part = await json<StudyPart>(`${api}?from=4&created=${createdAt}`);
    expect(part.from).toBe(4);
    for (const key of Object.keys(whole.view.points) as (keyof Points)[])
      expect(part.view.points[key]).toEqual(whole.view.points[key].slice(4));
    const other = await json<StudyPart>(`${api}?from=4&created=${createdAt - 1}`);
    expect(other).toMatchObject({ from: 0, view: { points: whole.view.points } });
  });

  it('says why a study cannot be read, shows the others, and comes back with it', async () => {
    using folder = emptyFolder();
    writeStudy(folder.path, spec);
    const at = (name: string, ...more: string[]): string => join(folder.path, name, ...more);
    cpSync(at('demo'), at('cut'), { recursive: true });
    cpSync(at('demo'), at('<img src=x onerror=alert(1)>'), { recursive: true });
    truncateSync(at('cut', 'trials.sqlite'), 5000);
    mkdirSync(at('empty'));
    await using dashboard = await serve(folder.path);
    const api = `${dashboard.url}/api/studies`;
    const cards = await json<StudyCard[]>(api);
    expect(cards.map(({ name, problem }) => [name, problem?.code ?? null])).toEqual([
      ['<img src=x onerror=alert(1)>', 'NAS_BAD_STUDY_NAME'],
      ['cut', 'NAS_STUDY_DAMAGED'],
      ['demo', null],
    ]);
    const cut = await ask(`${api}/cut`);
    expect(cut.status).toBe(409);
    expect(JSON.parse(cut.text)).toMatchObject({
      code: 'NAS_STUDY_DAMAGED',
      fix: expect.any(String) as string,
    });
    cpSync(at('demo', 'trials.sqlite'), at('cut', 'trials.sqlite'));
    expect(await json<StudyPart>(`${api}/cut`)).toMatchObject({ view: { head: { name: 'cut' } } });
    rmSync(at('demo'), { recursive: true });
    expect(await ask(`${api}/demo`)).toMatchObject({ status: 404 });
    expect((await json<StudyCard[]>(api)).map(({ name }) => name)).not.toContain('demo');
  });

  it('refuses what makes no sense, and leads nowhere else', async () => {
    using folder = emptyFolder();
    writeStudy(join(folder.path, 'runs'), spec);
    writeStudy(join(folder.path, 'secret'), spec);
    await using dashboard = await serve(join(folder.path, 'runs'));
    const api = `${dashboard.url}/api/studies`;
    const cases: readonly (readonly [string, number, string])[] = [
      ['/..%2f..%2fsecret%2fdemo', 400, 'NAS_BAD_STUDY_NAME'],
      ['/..', 404, 'NAS_BAD_QUERY'],
      ['/%2e%2e%2fsecret', 400, 'NAS_BAD_STUDY_NAME'],
      ['/none', 404, 'NAS_STUDY_MISSING'],
      ['/demo/trials/99', 404, 'NAS_TRIAL_MISSING'],
      ['/demo/trials/1e3', 400, 'NAS_BAD_QUERY'],
      ['/demo/trials?sort=text%3bDROP', 400, 'NAS_BAD_QUERY'],
      ['/demo/trials?unknown=1', 400, 'NAS_BAD_QUERY'],
      ['/demo/trials?where=1%3d1%3bDROP%20TABLE%20trial', 400, 'NAS_BAD_WHERE'],
      ['/demo?from=-1', 400, 'NAS_BAD_QUERY'],
    ];
    for (const [path, status, code] of cases) {
      const { status: got, text } = await ask(api + path);
      expect([path, got, (JSON.parse(text) as { code: string }).code]).toEqual([path, status, code]);
    }
  });

  it('immediately reports which study was written, made or removed, and lets its writer write', async () => {
    using folder = emptyFolder();
    writeStudy(folder.path, spec);
    await using dashboard = await serve(folder.path);
    const ending = new AbortController();
    const response = await fetch(`${dashboard.url}/api/events`, { signal: ending.signal });
    expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/);
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    let heard = '';
    const hear = async (text: string): Promise<void> => {
      while (!heard.includes(text)) heard += (await reader.read()).value ?? '';
      heard = '';
    };
    await hear(': here');
    {
      using store = openStudy(join(folder.path, 'demo'));
      store.note('something', 1);
      await hear('data: {"studies":["demo"]}');
      await Promise.all([1, 2, 3].map(() => json(`${dashboard.url}/api/studies/demo`)));
      store.note('something', 2);
      await hear('data: {"studies":["demo"]}');
    }
    writeStudy(folder.path, { ...spec, study: 'second' });
    await hear('second');
    rmSync(join(folder.path, 'second'), { recursive: true });
    await hear('second');
    ending.abort();
  });
});
