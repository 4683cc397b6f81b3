// The time of one batch on its device, divided among the jobs in it by their work. Who leaves early pays for no more.

export class DeviceTime {
  readonly #elapsed: () => number;
  readonly #present = new Map<string, { work: number; ms: number }>();
  #last: number;

  /** Begins now, by a clock in milliseconds. */
  constructor(jobs: readonly { id: string; work: number }[], elapsed: () => number) {
    this.#elapsed = elapsed;
    this.#last = elapsed();
    for (const { id, work } of jobs) this.#present.set(id, { work, ms: 0 });
  }

  /** A job has other work to do from now on. */
  change(id: string, work: number): void {
    this.#divide();
    const job = this.#present.get(id);
    if (job) job.work = work;
  }

  /** The seconds that a job has had of the device until now. */
  of(id: string): number {
    this.#divide();
    return (this.#present.get(id)?.ms ?? 0) / 1000;
  }

  /** A job is over: the seconds it had of the device. */
  leave(id: string): number {
    const seconds = this.of(id);
    this.#present.delete(id);
    return seconds;
  }

  #divide(): void {
    const now = this.#elapsed();
    const all = [...this.#present.values()].reduce((sum, { work }) => sum + work, 0);
    for (const job of this.#present.values()) job.ms += ((now - this.#last) * job.work) / all;
    this.#last = now;
  }
}
