import { h } from '../dom.js';
import { coloursNow, type Colours } from './colours.js';
import { init, type Instance, type Option } from './echarts.js';
import { ZOOM_IDS } from './parts.js';

export type Draw = (colours: Colours, width: number) => Option;

/** A picture that follows its data, its width and the light; it ends when it leaves the page. */
export interface Chart {
  readonly element: HTMLElement;
  /** @param label says in words what the picture shows, for those who do not see it */
  show(label: string, draw: Draw): void;
  /** Zooms both axes about the middle; 0 shows all again. */
  zoom(factor: number): void;
}

interface ChartOptions {
  readonly height?: 'tall' | 'low';
  /** What is under the pointer was clicked. */
  readonly onClick?: (data: unknown) => void;
}

/** In per cent of the whole axis. */
interface Zoom {
  readonly start: number;
  readonly end: number;
}

interface ZoomEvent extends Zoom {
  readonly dataZoomId: string;
}

export function chart({ height = 'tall', onClick }: ChartOptions = {}): Chart {
  const element = h('div', { class: `chart ${height}`, role: 'img' });
  const dark = window.matchMedia('(prefers-color-scheme: dark)');
  let instance: Instance | null = null;
  let draw: Draw | null = null;
  // Kept here, because asking the chart for them copies all its data.
  const zooms = new Map<string, Zoom>();

  const paint = (): void => {
    if (instance === null || draw === null) return;
    instance.setOption(draw(coloursNow(), element.clientWidth), { notMerge: true });
    for (const [dataZoomId, { start, end }] of zooms)
      instance.dispatchAction({ type: 'dataZoom', dataZoomId, start, end });
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
      instance.on('datazoom', (event) => {
        const all = (event as { batch?: readonly ZoomEvent[] }).batch ?? [event as ZoomEvent];
        for (const { dataZoomId, start, end } of all) zooms.set(dataZoomId, { start, end });
      });
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
      for (const dataZoomId of ZOOM_IDS) {
        const { start, end } = zooms.get(dataZoomId) ?? { start: 0, end: 100 };
        const middle = (start + end) / 2;
        const half = factor === 0 ? 50 : Math.min(50, (end - start) / 2 / factor);
        const from = factor === 0 ? 0 : Math.max(0, Math.min(100 - 2 * half, middle - half));
        instance.dispatchAction({ type: 'dataZoom', dataZoomId, start: from, end: from + 2 * half });
      }
    },
  };
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
