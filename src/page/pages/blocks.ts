import type { BlockView } from '../../report/view/view.js';
import { h, sized } from '../dom.js';
import { count } from '../format.js';

/**
 * The network from its input down: a box per block, as wide as it has channels (on a logarithmic scale); a change of
 * resolution is a separate line.
 */
export function blockDiagram(blocks: readonly BlockView[]): HTMLElement {
  if (blocks.length === 0) return h('p', { class: 'empty' }, 'This architecture cannot be read.');
  const widest = Math.max(2, ...blocks.map(({ output }) => output.at(-1) ?? 1));
  const costliest = Math.max(1, ...blocks.map(({ madds }) => madds));
  const [first] = blocks;
  return h(
    'ol',
    { class: 'blocks', 'aria-label': 'Blocks of the network, from input to output' },
    h('li', { class: 'input' }, `input ${shape(first?.input ?? [])}`),
    blocks.map((block) => {
      const channels = block.output.at(-1) ?? 1;
      const smaller = block.input.length === 3 && block.input[0] !== block.output[0];
      const box = h(
        'div',
        { class: `box kind-${kindClass(block.kind)}` },
        h('b', { class: 'place' }, block.name),
        h('strong', {}, block.kind),
        block.details.map((detail) => h('span', {}, detail)),
      );
      return h(
        'li',
        { class: smaller ? 'smaller' : '' },
        h(
          'div',
          { class: 'track' },
          sized(box, 'width', 0.36 + (0.64 * Math.log2(1 + channels)) / Math.log2(1 + widest)),
        ),
        h('span', { class: 'shape' }, shape(block.output)),
        h(
          'span',
          { class: 'cost' },
          h('span', { class: 'bar', 'aria-hidden': 'true' }, sized(h('i'), 'width', block.madds / costliest)),
          `${count(block.madds)} madds, ${count(block.params)} params`,
        ),
      );
    }),
  );
}

/** `28×28×16`; behind the pooling only the channels. */
function shape(sides: readonly number[]): string {
  return sides.length === 3 && sides[0] === 1 && sides[1] === 1 ? String(sides[2]) : sides.join('×');
}

function kindClass(kind: string): string {
  return ['conv', 'separable', 'bottleneck', 'dense'].find((name) => kind.startsWith(name)) ?? 'other';
}
