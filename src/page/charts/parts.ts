import { shareBounds } from '../../report/view/share-bounds.js';
import { h } from '../dom.js';
import type { Colours } from './colours.js';
import type { Option } from './echarts.js';

const FONT = 'system-ui, sans-serif';

/** The picture's place, with room above for a legend or the names of lines. */
export function gridBelow(top: number): Option {
  return { left: 4, right: 20, top, bottom: 4, outerBoundsMode: 'same', outerBoundsContain: 'all' };
}

/** What all pictures share; nothing moves by itself. */
export function base(colours: Colours, more: Option): Option {
  return {
    animation: false,
    textStyle: { color: colours.text, fontFamily: FONT },
    grid: gridBelow(12),
    ...more,
  };
}

interface AxisOptions {
  readonly type?: 'value' | 'category' | 'log';
  readonly format?: (value: number) => string;
  readonly side?: 'x' | 'y';
  readonly more?: Option;
}

export function axis(
  colours: Colours,
  name: string,
  { type = 'value', format, side = 'x', more = {} }: AxisOptions = {},
): Option {
  return {
    type,
    scale: true,
    name,
    nameLocation: 'middle',
    nameGap: side === 'x' ? 26 : 46,
    nameTextStyle: { color: colours.muted },
    axisLabel: {
      color: colours.muted,
      hideOverlap: true,
      ...(format === undefined ? {} : { formatter: format }),
    },
    axisLine: { show: true, lineStyle: { color: colours.line } },
    axisTick: { show: false },
    splitLine: { show: type !== 'category', lineStyle: { color: colours.line, opacity: 0.6 } },
    ...more,
  };
}

/** An axis of shares, in per cent: never below 0 or above 100 %, and not a point wide where all values are one. */
export function shareAxis(colours: Colours, name: string, side: 'x' | 'y' = 'y'): Option {
  return axis(colours, name, {
    side,
    format: axisPercent,
    more: {
      min: ({ min, max }: Extent) => shareBounds(min, max)[0],
      max: ({ min, max }: Extent) => shareBounds(min, max)[1],
    },
  });
}

interface Extent {
  readonly min: number;
  readonly max: number;
}

/** `91 %`, `91.5 %`: as many digits as it needs. */
export function axisPercent(value: number): string {
  return `${Number((100 * value).toFixed(2))} %`;
}

/** Rows of name and value next to the pointer; texts stay texts. */
export function hover(
  colours: Colours,
  rows: (data: unknown) => readonly (readonly [string, string])[] | null,
  trigger: 'item' | 'axis' = 'item',
): Option {
  return {
    trigger,
    confine: true,
    transitionDuration: 0,
    backgroundColor: colours.surface,
    borderColor: colours.line,
    textStyle: { color: colours.text, fontSize: 13, fontFamily: FONT },
    formatter: (given: { data: unknown } | readonly { data: unknown }[]) => {
      const found = rows('length' in given ? given : given.data);
      if (found === null) return '';
      return h(
        'table',
        { class: 'hover' },
        found.map(([name, value]) => h('tr', {}, h('th', {}, name), h('td', {}, value))),
      );
    },
  };
}

export function legend(colours: Colours): Option {
  return {
    top: 0,
    left: 0,
    type: 'plain',
    itemWidth: 14,
    itemHeight: 10,
    itemGap: 14,
    textStyle: { color: colours.muted },
    inactiveColor: colours.line,
  };
}

export const ZOOM_IDS = ['zoom-x', 'zoom-y'] as const;

/** Both axes can be zoomed with Ctrl and the wheel, moved by dragging; the page scrolls as ever. */
export const ZOOMS: readonly Option[] = ZOOM_IDS.map((id, index) => ({
  type: 'inside',
  id,
  ...(index === 0 ? { xAxisIndex: 0 } : { yAxisIndex: 0 }),
  filterMode: 'none',
  zoomOnMouseWheel: 'ctrl',
  moveOnMouseWheel: false,
  preventDefaultMouseMove: false,
}));

/** Vertical lines with a name at their upper end; `align` `left`: it begins at the line, clear of the other axis. */
export function verticals(
  colour: string,
  lines: readonly { readonly at: number; readonly name: string }[],
  distance = 4,
  align: 'center' | 'left' = 'center',
): Option {
  return {
    silent: true,
    symbol: 'none',
    lineStyle: { color: colour, type: 'dashed', width: 1.5 },
    data: lines.map(({ at, name }) => ({
      xAxis: at,
      label: { formatter: name, color: colour, position: 'end', distance, align, fontSize: 12 },
    })),
  };
}

interface Bar {
  coord(point: readonly number[]): [number, number];
  value(dimension: number): number;
}

/** Intervals along one side: data are [x, y, low, high]. */
export function intervals(
  colour: string,
  side: 'x' | 'y',
  data: readonly (readonly number[])[],
  opacity = 1,
): Option {
  return {
    type: 'custom',
    silent: true,
    z: 1,
    clip: true,
    data,
    encode: { x: side === 'x' ? [0, 2, 3] : 0, y: side === 'y' ? [1, 2, 3] : 1 },
    tooltip: { show: false },
    renderItem: (_: unknown, api: Bar) => {
      const end = (which: 2 | 3): [number, number] =>
        api.coord(side === 'x' ? [api.value(which), api.value(1)] : [api.value(0), api.value(which)]);
      const [from, to] = [end(2), end(3)];
      const cap = side === 'x' ? [0, 4] : [4, 0];
      const stroke = (a: readonly number[], b: readonly number[]): object => ({
        type: 'line',
        shape: { x1: a[0], y1: a[1], x2: b[0], y2: b[1] },
        style: { stroke: colour, lineWidth: 1.5, opacity },
      });
      const capped = (at: readonly [number, number]): object =>
        stroke(
          [at[0] - (cap[0] ?? 0), at[1] - (cap[1] ?? 0)],
          [at[0] + (cap[0] ?? 0), at[1] + (cap[1] ?? 0)],
        );
      return { type: 'group', children: [stroke(from, to), capped(from), capped(to)] };
    },
  };
}
