// What the drawings of days have in common: an axis of days, an axis of amounts and bars. Pure.

import { axisDay, monthName, shortDay, tick } from './words.js';

const LABEL = 12;
const WEEK = 8;
/** Of so many days the months are named. */
const MONTHS = 100;
/** From so many days on bars are too thin to be told apart: they stand as one outline. */
const MANY = 120;

/** Pixels of an axis in which every month has room for its name. */
const ROOM = 420;

const isNamed = (day, width) => day.endsWith('-01') && (width > ROOM || Number(day.slice(5, 7)) % 2 === 1);

export const dayAxis = (days, ink, width, gridIndex, show = true) => ({
  type: 'category',
  gridIndex,
  data: days.map(({ day }) => day),
  axisLine: { lineStyle: { color: ink('edge') } },
  axisTick: { show: false },
  axisLabel: {
    show,
    color: ink('muted'),
    fontSize: LABEL,
    margin: 10,
    hideOverlap: true,
    ...(days.length > MONTHS && { interval: (_, day) => isNamed(day, width) }),
    formatter: (day) =>
      days.length > MONTHS ? monthName(day) : days.length <= WEEK ? shortDay(day) : axisDay(day),
  },
  axisPointer: {
    show: true,
    type: 'shadow',
    label: { show: false },
    shadowStyle: { color: ink('pointer') },
    triggerEmphasis: false,
  },
});

/** From 0 on, with about so many marks. */
export const amountAxis = (ink, gridIndex, marks, wholes = false) => ({
  type: 'value',
  gridIndex,
  min: 0,
  splitNumber: marks,
  ...(wholes && { minInterval: 1 }),
  axisLabel: { color: ink('muted'), fontSize: LABEL, formatter: tick },
  splitLine: { lineStyle: { color: ink('rule') } },
});

/** `amounts` are in the order of the days; null where there is none. */
export function bars(name, days, amounts, color, { at = 0, ...more } = {}) {
  const place = {
    name,
    xAxisIndex: at,
    yAxisIndex: at,
    data: amounts.map((value, index) => ({ name: days[index].day, value })),
    emphasis: { disabled: true },
    ...more,
  };
  if (days.length > MANY) {
    const area = { type: 'line', step: 'middle', symbol: 'none', lineStyle: { width: 0 } };
    return { ...place, ...area, id: `${name} area`, areaStyle: { color, opacity: 1 } };
  }
  return {
    ...place,
    type: 'bar',
    id: name,
    itemStyle: { color, borderRadius: days.length > 60 ? 0 : [3, 3, 0, 0] },
    barCategoryGap: '28%',
    barMaxWidth: 44,
  };
}

export const panelTitle = (text, top, ink) => ({
  text,
  left: 0,
  top,
  padding: 0,
  textStyle: { color: ink('muted'), fontSize: LABEL, fontWeight: 500 },
});
