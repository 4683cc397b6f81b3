// What was used day by day: device time above, pictures below, over the same days.

import { amountAxis, bars, dayAxis, panelTitle } from './axes.js';
import { Chart, tipHead, tipLine } from './chart.js';
import { Figure } from './figure.js';
import { count, counted, dayWords, timeText, timeUnit } from './words.js';

const LEFT = 44;
const TOP = 26;
const TIME_HEIGHT = 146;
const BETWEEN = 44;
const PICTURES_HEIGHT = 78;

export class DaysCard {
  constructor(card) {
    this.figure = new Figure(card, { title: 'Day by day' });
    this.chart = new Chart(this.figure.drawing, {
      optionOf,
      tipOf: ({ days }, index) => tipOf(days[index]),
      of: ({ days }) => days.length,
      failed: () => this.figure.giveUp(),
    });
  }

  show(report) {
    const { days, sentences } = report;
    this.figure.say(sentences.bestDay ?? '');
    this.chart.show(report, labelOf(report));
    this.figure.fill(
      'Device time, pictures and requests of each day',
      [
        { name: 'Day' },
        { name: 'Device time', number: true },
        { name: 'Pictures', number: true },
        { name: 'Requests', number: true },
      ],
      days
        .toReversed()
        .map(({ day, deviceSeconds, pictures, requests }) => [
          dayWords(day),
          timeText(deviceSeconds),
          count(pictures),
          count(requests),
        ]),
    );
  }
}

function labelOf({ days, period, sentences }) {
  const used = days.filter(({ requests }) => requests > 0);
  const each = used.slice(-31).map(({ day, deviceSeconds, pictures }) => {
    return `${dayWords(day)}: ${timeText(deviceSeconds)}, ${counted(pictures, 'picture')}`;
  });
  const rest = used.length > each.length ? ` The last ${each.length} days:` : '';
  return `Device time and pictures a day, ${period.words}. ${sentences.bestDay ?? ''}${rest} ${each.join('; ')}.`;
}

function optionOf({ days }, ink, width) {
  const unit = timeUnit(Math.max(...days.map(({ deviceSeconds }) => deviceSeconds)));
  const below = TOP + TIME_HEIGHT + BETWEEN;
  const grid = { left: LEFT, right: 4 };
  return {
    title: [
      panelTitle(`Device time, ${unit.name} a day`, 2, ink),
      panelTitle('Pictures a day', below - 24, ink),
    ],
    grid: [
      { ...grid, top: TOP, height: TIME_HEIGHT },
      { ...grid, top: below, height: PICTURES_HEIGHT },
    ],
    xAxis: [dayAxis(days, ink, width, 0, false), dayAxis(days, ink, width, 1)],
    yAxis: [amountAxis(ink, 0, 4), amountAxis(ink, 1, 2, true)],
    series: [
      bars(
        'time',
        days,
        days.map(({ deviceSeconds }) => deviceSeconds / unit.seconds),
        ink('time'),
      ),
      bars(
        'pictures',
        days,
        days.map(({ pictures }) => pictures),
        ink('pictures'),
        { at: 1 },
      ),
    ],
  };
}

const tipOf = ({ day, deviceSeconds, pictures, requests }) => [
  tipHead(dayWords(day)),
  tipLine('time', timeText(deviceSeconds), 'of device time'),
  tipLine('pictures', count(pictures), pictures === 1 ? 'picture' : 'pictures'),
  tipLine('blank', count(requests), requests === 1 ? 'request' : 'requests'),
];
