import { formatMs } from '../../core/index.js';
import { correctedSamplesMs, type LatencyRecord } from '../../trials/index.js';
import { field, LABEL } from './details-field.js';
import { histogramPicture } from './pictures/histogram.js';
import { paint, type Style } from './style.js';
import { surroundingsOf } from '../view/surroundings.js';

type OneLatency = Omit<LatencyRecord, 'also'>;

/** Everything known of a latency: interval, spread, source, device, surroundings, and its runs as a histogram. */
export function latencyDetails(latency: OneLatency, targetMs: number | null, style: Style): string[] {
  const { medianMs, lowMs, highMs, madMs, p90Ms, runs, batch, platform, source } = latency;
  const median = `${formatMs(medianMs)}, 95 % within ${lowMs.toPrecision(4)}–${highMs.toPrecision(4)} ms`;
  const spread =
    runs === 0 ? [] : [`MAD ${formatMs(madMs)}, p90 ${formatMs(p90Ms)}, ${runs} runs of batch ${batch}`];
  const target =
    targetMs === null
      ? []
      : [`target there ${formatMs(targetMs)}: ${medianMs <= targetMs ? 'met' : 'not met'}`];
  const texts = [
    `${source === 'measured' ? '' : `${source}: `}${median}`,
    ...spread,
    `${source} on ${platform}, device ${latency.fingerprint.slice(0, 12)}`,
    ...target,
    ...surroundingsOf(latency),
  ];
  return [
    ...texts.flatMap((text, index) => field(index === 0 ? 'latency' : '', text, style)),
    ...runsOf(latency, style),
  ];
}

/** On the scale of the figures above, the device's first session. */
function runsOf(latency: OneLatency, style: Style): string[] {
  const { medianMs, lowMs, highMs, p90Ms } = latency;
  const samplesMs = correctedSamplesMs(latency);
  if (samplesMs.length < 5) return [];
  const marks = { median: medianMs, low: lowMs, high: highMs, p90: p90Ms };
  const width = Math.max(8, Math.min(60, style.width - LABEL - 6));
  const legend =
    `${paint('▲', 'mark', style.colour)} median, ${paint('├─┤', 'good', style.colour)} its 95 % interval, ` +
    `${paint('△', 'warm', style.colour)} p90`;
  return [
    ...histogramPicture(samplesMs, marks, width, style.colour).map((text, index) => {
      const label = index === 0 ? paint('runs'.padEnd(LABEL), 'quiet', style.colour) : ' '.repeat(LABEL);
      return `${label}${text}`.trimEnd();
    }),
    ...(style.width < LABEL + 44 ? [] : [`${' '.repeat(LABEL)}${legend}`]),
  ];
}
