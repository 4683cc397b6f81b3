// Where the reader is. At the bottom the page follows what is new; anywhere else it stays put and says so.

const NEAR = 48;

export class Scroll {
  /** `older()` loads what came before and resolves when it is shown. */
  constructor({ scroller, column, pill, top, older }) {
    Object.assign(this, { scroller, column, pill, older });
    this.following = true;
    scroller.addEventListener('scroll', () => this.moved(), { passive: true });
    pill.addEventListener('click', () => this.toEnd());
    new ResizeObserver(() => this.following && this.toEnd()).observe(column);
    new ResizeObserver(() => this.following && this.toEnd()).observe(scroller);
    new IntersectionObserver((seen) => seen.some((each) => each.isIntersecting) && void this.loadOlder(), {
      root: scroller,
      rootMargin: '400px 0px 0px',
    }).observe(top);
  }

  moved() {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    this.following = scrollHeight - scrollTop - clientHeight < NEAR;
    if (this.following) this.pill.hidden = true;
  }

  /** Something new is there. */
  arrived() {
    if (!this.following) this.pill.hidden = false;
  }

  /** Something further up is looked for: what grows below it does not pull the page down. */
  stay() {
    this.following = false;
  }

  toEnd() {
    this.following = true;
    this.pill.hidden = true;
    this.scroller.scrollTop = this.scroller.scrollHeight;
  }

  // What is being read stays where it is while older messages grow above it.
  async loadOlder() {
    if (this.loading) return;
    this.loading = true;
    const { scroller } = this;
    const fromEnd = () => scroller.scrollHeight - scroller.scrollTop;
    let end = fromEnd();
    await this.older(() => (end = fromEnd()));
    if (!this.following) scroller.scrollTop = scroller.scrollHeight - end;
    this.loading = false;
  }
}
