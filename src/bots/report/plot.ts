// The two bar charts of a report, days from left to right: device time above, pictures below. Knows the numbers and
// their axes; the card around them is chart.ts's.

import type { EChartsOption } from 'echarts';
import type { DayUse } from '../../core/report.ts';
import { tick } from './amounts.ts';
import { axisNames } from './days.ts';
import { FONT } from './fonts.ts';
import { inks, lines } from './palette.ts';

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

const LEFT = 56;
const RIGHT = 28;
const BELOW = 34;
const LABEL = 14;
/** From so many days on bars are too thin to be told apart: they stand as one outline. */
const MANY = 100;

/** The unit in which the largest amount of seconds is easily read. */
export function timeUnit(largest: number): { name: 'seconds' | 'minutes' | 'hours'; seconds: number } {
  if (largest < 180) return { name: 'seconds', seconds: 1 };
  return largest < 3 * 3600 ? { name: 'minutes', seconds: 60 } : { name: 'hours', seconds: 3600 };
}

/** Where an axis from 0 ends, and the distance of its marks: 1, 2, 2.5 or 5 times a power of ten. */
export function scale(largest: number, marks: number, wholes = false): { max: number; interval: number } {
  if (!(largest > 0)) return { max: 1, interval: 1 };
  const rough = largest / marks;
  const power = 10 ** Math.floor(Math.log10(rough));
  const nice = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((step) => step >= rough * 0.999)!;
  const interval = wholes ? Math.max(1, Math.ceil(nice)) : nice;
  return { max: Math.ceil((largest / interval) * 0.999) * interval, interval };
}

/** SVG of both plots in a box. The second begins `below` pixels under its top, the first ends `gap` above that. */
export async function plots(days: readonly DayUse[], box: Box, below: number, gap: number): Promise<string> {
  const echarts = await import('echarts/dist/echarts.esm.min.mjs'); // not before the first report
  const { width, height } = box;
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width, height });
  try {
    chart.setOption(optionOf(days, box, below, gap));
    const svg = chart.renderToSVGString();
    return svg.replace('<svg ', `<svg x="${box.x}" y="${box.y}" `);
  } finally {
    chart.dispose();
  }
}

function optionOf(
  days: readonly DayUse[],
  { width, height }: Box,
  below: number,
  gap: number,
): EChartsOption {
  const unit = timeUnit(Math.max(...days.map(({ deviceSeconds }) => deviceSeconds)));
  const names = axisNames(
    days.map(({ day }) => day),
    width - LEFT - RIGHT,
  );
  const panels = [
    { ink: inks.time, marks: 4, data: days.map(({ deviceSeconds }) => deviceSeconds / unit.seconds) },
    { ink: inks.pictures, marks: 2, data: days.map(({ pictures }) => pictures) },
  ];
  const grid = { left: LEFT, right: RIGHT, containLabel: false };
  return {
    animation: false,
    textStyle: { fontFamily: FONT },
    grid: [
      { ...grid, top: 8, height: below - gap - 8 },
      { ...grid, top: below + 8, height: height - below - BELOW - 8 },
    ],
    xAxis: panels.map((_, at) => xAxisOf(at, days, names)),
    yAxis: panels.map(({ data, marks }, at) => yAxisOf(at, scale(Math.max(...data), marks, at === 1))),
    series: panels.map(({ ink, data }, at) => seriesOf(at, ink, data)),
  };
}

function xAxisOf(at: number, days: readonly DayUse[], names: ReadonlyMap<number, string>) {
  const show = at === 1;
  const interval = (index: number): boolean => names.has(index);
  return {
    type: 'category' as const,
    gridIndex: at,
    data: days.map(({ day }) => day),
    axisLine: { lineStyle: { color: lines.edge } },
    axisTick: { show, interval, alignWithLabel: true, lineStyle: { color: lines.edge } },
    axisLabel: {
      show,
      interval,
      hideOverlap: false,
      color: inks.soft,
      fontSize: LABEL,
      formatter: (_day: string, index: number) => names.get(index) ?? '',
    },
  };
}

function yAxisOf(at: number, { max, interval }: { max: number; interval: number }) {
  return {
    type: 'value' as const,
    gridIndex: at,
    min: 0,
    max,
    interval,
    axisLabel: { color: inks.soft, fontSize: LABEL, formatter: tick },
    splitLine: { lineStyle: { color: lines.rule } },
  };
}

function seriesOf(at: number, ink: string, data: number[]) {
  const place = { xAxisIndex: at, yAxisIndex: at, data };
  return data.length < MANY
    ? {
        ...place,
        type: 'bar' as const,
        itemStyle: { color: ink, borderRadius: data.length > 40 ? 0 : [3, 3, 0, 0] },
        barCategoryGap: '25%',
        barMaxWidth: 56,
      }
    : {
        ...place,
        type: 'line' as const,
        step: 'middle' as const,
        symbol: 'none',
        lineStyle: { width: 0 },
        areaStyle: { color: ink, opacity: 1 },
      };
}
