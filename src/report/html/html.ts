import { createHash } from 'node:crypto';
import { embeddedJson, htmlText, inlineScript, inlineStyle } from './escape.js';
import { htmlSummary } from './summary.js';
import type { PageBundle } from './page-bundle.js';
import type { StudyView, TrialView } from '../view/view.js';

/** What a report holds: a study and the pages of its interesting trials. */
export interface ReportData {
  readonly study: StudyView;
  /** By number. */
  readonly trials: Readonly<Record<string, TrialView>>;
}

/** Of the summary only; the page takes its place. */
const SUMMARY_STYLE =
  '#summary :is(th, td) { padding: 0.1em 1em 0.1em 0; text-align: left; vertical-align: top }';

/** Digits of a timed run that are kept: a measurement has fewer. */
const SAMPLE_DIGITS = 6;

/**
 * One HTML file that needs nothing else: page, style and data inside. Its policy lets only this very script and style
 * run and nothing be loaded or sent, so that even a text that broke out could do nothing. Without a script it shows
 * the summary.
 */
export function reportHtml(data: ReportData, page: PageBundle): string {
  const script = inlineScript(page.script);
  const style = inlineStyle(`${page.style}\n${SUMMARY_STYLE}`);
  const policy = [
    "default-src 'none'",
    `script-src '${hashOf(script)}'`,
    `style-src '${hashOf(style)}'`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${htmlText(data.study.head.name)} · platform-nas</title>
<link rel="icon" href="data:,">
<style>${style}</style>
</head>
<body>
<main id="summary">
${htmlSummary(data.study)}
</main>
<script id="nas-view" type="application/json">${embeddedJson(slim(data))}</script>
<script>${script}</script>
</body>
</html>
`;
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text, 'utf8').digest('base64')}`;
}

function slim({ study, trials }: ReportData): ReportData {
  const pages = Object.entries(trials).map(([id, view]) => [id, slimTrial(view)]);
  return { study, trials: Object.fromEntries(pages) as ReportData['trials'] };
}

function slimTrial(view: TrialView): TrialView {
  const latencies = view.latencies.map((latency) => ({
    ...latency,
    samplesMs: latency.samplesMs.map((value) => Number(value.toPrecision(SAMPLE_DIGITS))),
  }));
  return { ...view, latencies };
}
