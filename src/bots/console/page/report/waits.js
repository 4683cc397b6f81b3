// How long people waited until their request began, day by day: half of them at most so long, 95 of 100 at most so.

import { element } from '../common/element.js';
import { amountAxis, bars, dayAxis, panelTitle } from './axes.js';
import { Chart, tipHead, tipLine } from './chart.js';
import { Figure } from './figure.js';
import { dayWords, timeUnit, waitText, within } from './words.js';

const LEFT = 44;
const TOP = 26;
const HEIGHT = 218;

export class WaitsCard {
  constructor(card) {
    this.figure = new Figure(card, { title: 'How long people waited' });
    this.drawn = element('div', { class: 'waits-drawing' });
    this.none = element('p', { class: 'none', hidden: true }, 'No request began in these days.');
    const legend = element(
      'p',
      { class: 'legend', 'aria-hidden': 'true' },
      element('span', {}, element('i', { class: 'spot half' }), 'half of the requests'),
      element('span', {}, element('i', { class: 'spot most' }), '95 of 100'),
    );
    this.legend = legend;
    this.figure.drawing.append(this.drawn, legend, this.none);
    this.chart = new Chart(this.drawn, {
      optionOf,
      tipOf: ({ days }, index) => tipOf(days[index]),
      of: ({ days }) => days.length,
      failed: () => this.figure.giveUp(),
    });
  }

  show(report) {
    const { days, waits, period, sentences } = report;
    const waited = days.filter((day) => day.waits);
    this.none.hidden = waits !== null;
    this.drawn.hidden = this.legend.hidden = this.figure.toggle.hidden = waits === null;
    this.figure.say(
      waits ? `Half began within ${waitText(waits.p50)}, 95 of 100 within ${waitText(waits.p95)}.` : '',
    );
    const each = waited
      .slice(-31)
      .map(({ day, waits: { p50, p95 } }) => `${dayWords(day)}: ${within(p50)} and ${within(p95)}`);
    this.chart.show(
      report,
      `Waits a day, ${period.words}. ${sentences.waits ?? ''} Half, and 95 of 100: ${each.join('; ')}.`,
    );
    this.figure.fill(
      'How long requests of each day waited',
      [{ name: 'Day' }, { name: 'Half within', number: true }, { name: '95 of 100 within', number: true }],
      waited.toReversed().map(({ day, waits: { p50, p95 } }) => [dayWords(day), within(p50), within(p95)]),
    );
  }
}

function optionOf({ days }, ink, width) {
  const unit = timeUnit(Math.max(0, ...days.map(({ waits }) => waits?.p95 ?? 0)));
  const of = (part) => days.map(({ waits }) => (waits ? waits[part] / unit.seconds : null));
  return {
    title: [panelTitle(`Wait until begun, ${unit.name}`, 2, ink)],
    grid: [{ left: LEFT, right: 4, top: TOP, height: HEIGHT }],
    xAxis: [dayAxis(days, ink, width, 0)],
    yAxis: [amountAxis(ink, 0, 5)],
    series: [
      bars('most', days, of('p95'), ink('most'), { z: 2 }),
      bars('half', days, of('p50'), ink('half'), { z: 3, barGap: '-100%' }),
    ],
  };
}

const tipOf = ({ day, waits }) =>
  waits
    ? [
        tipHead(dayWords(day)),
        tipLine('half', within(waits.p50), 'half of the requests'),
        tipLine('most', within(waits.p95), '95 of 100'),
      ]
    : [tipHead(dayWords(day)), element('p', {}, 'No request began.')];
