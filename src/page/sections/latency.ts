import { chart } from '../charts/chart.js';
import { drawPredictionError } from '../charts/latency.js';
import { h, replace } from '../dom.js';
import { counted, decimal, percent } from '../format.js';
import { card, tile, tiles, type SectionKind } from '../section.js';

/** Latencies predicted before they were measured. */
export const latencySection: SectionKind = {
  id: 'latency',
  title: 'Predicted and measured',
  tab: 'Latency',
  empty: ({ predictionError }) =>
    predictionError === null || predictionError.points.length === 0
      ? 'No latency of this study was both predicted and measured.'
      : null,
  make() {
    const numbers = h('div');
    const picture = chart();
    return {
      element: h(
        'div',
        { class: 'stack' },
        numbers,
        card('Latency, predicted against measured', picture.element),
      ),
      update({ predictionError }) {
        if (predictionError === null) return;
        replace(
          numbers,
          tiles(
            tile('Kendall’s τ', decimal(predictionError.kendall), 'rank correlation'),
            tile('Mean error', percent(predictionError.error), 'of the measured latency'),
            tile(
              'Bias',
              percent(predictionError.bias),
              predictionError.bias < 0 ? 'predicted too fast' : 'predicted too slow',
            ),
            tile('Networks', String(predictionError.points.length)),
          ),
        );
        picture.show(
          `Measured against predicted latency of ${counted(predictionError.points.length, 'network')}: Kendall's tau ${decimal(predictionError.kendall)}, mean error ${percent(predictionError.error)}`,
          drawPredictionError(predictionError),
        );
      },
    };
  },
};
