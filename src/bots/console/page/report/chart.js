// One drawing by ECharts in an element: its colours out of the page's style sheet, its size, and the words that follow
// the pointer or the arrow keys. The tip is an element of ours: the library's own needs styles that the page forbids.

import { element } from '../common/element.js';

const still = matchMedia('(prefers-reduced-motion: reduce)');
const dark = matchMedia('(prefers-color-scheme: dark)');
const library = import('/page/echarts.js');
const MOVES_MS = 500;
const TIP_GAP = 12;
/** A height at which the first panel is. */
const INSIDE = 60;

/** The page's colours as they are now, by the names of the style sheet. */
export function inks() {
  const style = getComputedStyle(document.documentElement);
  return (name) => style.getPropertyValue(`--${name}`).trim();
}

export class Chart {
  /**
   * `optionOf(data, ink, width)` is ECharts', `tipOf(data, index)` elements, `of(data)` how many places there are.
   * `failed()` is called when nothing can be drawn.
   */
  constructor(host, { optionOf, tipOf, of, failed }) {
    Object.assign(this, { host, optionOf, tipOf, of, failed });
    this.canvas = element('div', { class: 'canvas', role: 'img', tabindex: 0 });
    this.tip = element('div', { class: 'tip', role: 'status', hidden: true });
    host.append(this.canvas, this.tip);
    this.canvas.addEventListener('keydown', (event) => this.step(event));
    this.canvas.addEventListener('blur', () => this.leave());
    // A finger leaves with every tap; what it asked for stays.
    this.canvas.addEventListener(
      'pointerleave',
      ({ pointerType }) => pointerType === 'touch' || this.leave(),
    );
    for (const name of ['pointermove', 'pointerdown'])
      this.canvas.addEventListener(name, ({ offsetX }) => this.under(offsetX));
    for (const change of [dark, still]) change.addEventListener('change', () => void this.draw());
    new ResizeObserver(() => this.fit()).observe(host);
  }

  /** `label` says the same as the drawing. */
  show(data, label) {
    this.data = data;
    this.canvas.setAttribute('aria-label', label);
    void this.draw();
  }

  async draw() {
    const { init } = await library.catch(() => ({}));
    if (!init) return this.failed();
    this.isStale = this.host.clientWidth === 0; // under its table: drawn when it is seen again
    if (!this.data || this.isStale) return;
    this.chart ??= init(this.canvas, undefined, { renderer: 'canvas' });
    const option = this.optionOf(this.data, inks(), this.host.clientWidth);
    const animation = !still.matches;
    this.chart.setOption(
      {
        animation,
        animationDuration: MOVES_MS,
        animationDurationUpdate: MOVES_MS,
        animationEasing: 'cubicOut',
        animationEasingUpdate: 'cubicInOut',
        textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
        axisPointer: { link: [{ xAxisIndex: 'all' }], triggerOn: 'none' },
        ...option,
      },
      { replaceMerge: ['series'] },
    );
    if (this.at !== undefined) this.point(Math.min(this.at, this.of(this.data) - 1));
  }

  fit() {
    if (!this.chart) return void this.draw();
    const { clientWidth: width, clientHeight: height } = this.host;
    if (width === 0) return;
    const isSame = width === this.chart.getWidth() && height === this.chart.getHeight();
    if (isSame && !this.isStale) return;
    if (!isSame) this.chart.resize({ width, height });
    void this.draw();
  }

  under(x) {
    const index = this.chart?.convertFromPixel({ xAxisIndex: 0 }, x);
    if (Number.isInteger(index)) this.point(Math.max(0, Math.min(index, this.of(this.data) - 1)));
  }

  step(event) {
    const last = this.data ? this.of(this.data) - 1 : -1;
    const to = { ArrowLeft: (this.at ?? last + 1) - 1, ArrowRight: (this.at ?? -1) + 1, Home: 0, End: last };
    if (event.key === 'Escape') return this.leave();
    if (last < 0 || to[event.key] === undefined) return;
    event.preventDefault();
    this.point(Math.max(0, Math.min(last, to[event.key])));
  }

  point(index) {
    if (!this.chart || index < 0) return;
    const x = this.chart.convertToPixel({ xAxisIndex: 0 }, index);
    this.chart.dispatchAction({ type: 'updateAxisPointer', currTrigger: 'mousemove', x, y: INSIDE });
    this.at = index;
    const tip = element('div', {}, ...this.tipOf(this.data, index));
    // The same words again would be read out again.
    if (this.tip.hidden || tip.textContent !== this.tip.textContent)
      this.tip.replaceChildren(...tip.childNodes);
    this.tip.hidden = false;
    this.beside(x);
  }

  /** The tip, on the side on which there is room for it. */
  beside(x) {
    const { host, tip } = this;
    const over = x + TIP_GAP + tip.offsetWidth > host.clientWidth;
    const left = over ? x - TIP_GAP - tip.offsetWidth : x + TIP_GAP;
    tip.style.translate = `${Math.max(0, Math.min(left, host.clientWidth - tip.offsetWidth))}px 0`;
  }

  leave() {
    this.chart?.dispatchAction({ type: 'updateAxisPointer', currTrigger: 'leave' });
    this.at = undefined;
    this.tip.hidden = true;
  }
}

/** A line of a tip: a spot of the series' colour, the value and what it is. */
export const tipLine = (series, value, name) =>
  element('p', {}, element('i', { class: `spot ${series}` }), element('b', {}, value), ` ${name}`);

export const tipHead = (words) => element('p', { class: 'tip-head' }, words);
