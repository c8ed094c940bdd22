import { h } from '../dom.js';
import { coloursNow, type Colours } from './colours.js';
import { init, type Instance, type Option } from './echarts.js';

export type Draw = (colours: Colours, width: number) => Option;

/** A picture that follows its data, its width and the light; it ends when it leaves the page. */
export interface Chart {
  readonly element: HTMLElement;
  /** @param label says in words what the picture shows, for those who do not see it */
  show(label: string, draw: Draw): void;
  /** Zooms both axes about the middle; 0 shows all again. */
  zoom(factor: number): void;
}

interface Wishes {
  readonly height?: 'tall' | 'low';
  /** What is under the pointer was clicked. */
  readonly onClick?: (data: unknown) => void;
}

export function chart({ height = 'tall', onClick }: Wishes = {}): Chart {
  const element = h('div', { class: `chart ${height}`, role: 'img' });
  const dark = window.matchMedia('(prefers-color-scheme: dark)');
  let instance: Instance | null = null;
  let draw: Draw | null = null;

  const paint = (): void => {
    if (instance === null || draw === null) return;
    const zooms = zoomsOf(instance);
    instance.setOption(draw(coloursNow(), element.clientWidth), { notMerge: true });
    for (const [dataZoomIndex, { start, end }] of zooms.entries())
      instance.dispatchAction({ type: 'dataZoom', dataZoomIndex, start, end });
  };
  const observer = new ResizeObserver(() => {
    if (!element.isConnected) {
      observer.disconnect();
      dark.removeEventListener('change', paint);
      instance?.dispose();
      instance = null;
      return;
    }
    if (element.clientWidth === 0) return;
    if (instance === null) {
      instance = init(element, null, { renderer: 'canvas' });
      if (onClick !== undefined) instance.on('click', (event) => onClick(event.data));
    } else instance.resize();
    paint();
  });
  observer.observe(element);
  dark.addEventListener('change', paint);

  return {
    element,
    show(label, next) {
      element.setAttribute('aria-label', label);
      draw = next;
      paint();
    },
    zoom(factor) {
      if (instance === null) return;
      for (const [dataZoomIndex, { start, end }] of zoomsOf(instance).entries()) {
        const middle = (start + end) / 2;
        const half = factor === 0 ? 50 : Math.min(50, (end - start) / 2 / factor);
        const from = factor === 0 ? 0 : Math.max(0, Math.min(100 - 2 * half, middle - half));
        instance.dispatchAction({ type: 'dataZoom', dataZoomIndex, start: from, end: from + 2 * half });
      }
    },
  };
}

function zoomsOf(instance: Instance): { start: number; end: number }[] {
  const option = instance.getOption() as { dataZoom?: { start: number; end: number }[] } | undefined;
  return (option?.dataZoom ?? []).map(({ start, end }) => ({ start, end }));
}

/** Buttons that zoom a chart: for those without a wheel. */
export function zoomButtons(picture: Chart, what: string): HTMLElement {
  const button = (text: string, title: string, factor: number): HTMLElement =>
    h(
      'button',
      { type: 'button', title, 'aria-label': `${title}: ${what}`, onclick: () => picture.zoom(factor) },
      text,
    );
  return h(
    'div',
    { class: 'zoom', role: 'group', 'aria-label': `Zoom of ${what}` },
    button('+', 'Closer', 1.6),
    button('−', 'Farther', 1 / 1.6),
    button('All', 'Show all', 0),
  );
}
