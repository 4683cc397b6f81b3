// Notices that something has stopped giving signs of life.

/**
 * Barks once when it was not fed for `limitMs` (up to a quarter more). It counts quarters rather than measuring
 * time, so a main process that was itself stopped for a while does not wake up to kill healthy workers.
 */
export class Watchdog {
  #silent = 0;
  readonly #timer: NodeJS.Timeout;

  constructor(limitMs: number, bark: () => void) {
    this.#timer = setInterval(() => {
      if (++this.#silent <= 4) return;
      this.stop();
      bark();
    }, limitMs / 4);
    this.#timer.unref();
  }

  feed(): void {
    this.#silent = 0;
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
