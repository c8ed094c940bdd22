import { chart } from '../charts/chart.js';
import { drawAgreement } from '../charts/latency.js';
import { h, replace } from '../dom.js';
import { counted, decimal, percent } from '../format.js';
import { card, tile, tiles, type SectionKind } from '../section.js';

/** Latencies predicted before they were measured. */
export const latencySection: SectionKind = {
  id: 'latency',
  title: 'Predicted and measured',
  tab: 'Latency',
  empty: ({ agreement }) =>
    agreement === null || agreement.points.length === 0
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
      update({ agreement }) {
        if (agreement === null) return;
        replace(
          numbers,
          tiles(
            tile('Kendall’s τ', decimal(agreement.kendall), 'agreement of the order'),
            tile('Mean error', percent(agreement.error), 'of the measured latency'),
            tile(
              'Bias',
              percent(agreement.bias),
              agreement.bias < 0 ? 'predicted too fast' : 'predicted too slow',
            ),
            tile('Networks', String(agreement.points.length)),
          ),
        );
        picture.show(
          `Measured against predicted latency of ${counted(agreement.points.length, 'network')}: Kendall's tau ${decimal(agreement.kendall)}, mean error ${percent(agreement.error)}`,
          drawAgreement(agreement),
        );
      },
    };
  },
};
