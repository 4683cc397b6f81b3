// Numbers about the queue and the workers, in the form that Prometheus reads. It listens; nothing depends on it.

import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { isOver, type Job } from './job.ts';
import type { Queue } from './queue.ts';

/** Seconds, from a picture that is only enlarged to an hour in line. */
const SECONDS = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 60, 120, 300, 600, 1800, 3600];

export interface Metrics {
  /** The media type of `text`. */
  type: string;
  text(): Promise<string>;
}

/** A platform and what became of the edits of its messages; without, they have no pace. */
export interface Edited {
  readonly platform: string;
  readonly edits?: { readonly shown: number; readonly dropped: number };
}

export function measure(
  queue: Queue,
  workers: { readonly idle: number },
  platforms: () => readonly Edited[] = () => [],
): Metrics {
  const registers = [new Registry()];
  const [registry] = registers as [Registry];
  collectDefaultMetrics({ register: registry, prefix: 'darkroom_' });
  gauge('waiting_jobs', 'Jobs that wait to be drawn', () => queue.load.waiting);
  gauge('running_jobs', 'Jobs that are being drawn', () => queue.load.running);
  gauge('idle_places', 'Batches that the workers could take now', () => workers.idle);
  const over = new Counter({
    name: 'darkroom_jobs_total',
    help: 'Jobs that are over',
    labelNames: ['platform', 'model', 'outcome'],
    registers,
  });
  const failures = new Counter({
    name: 'darkroom_failures_total',
    help: 'Tries that failed, by kind: model, storage, worker, fault',
    labelNames: ['model', 'kind'],
    registers,
  });
  const waited = seconds('wait_seconds', 'From the request to its first step on a device', ['model']);
  const ran = seconds('run_seconds', 'A batch on its device', ['model', 'device']);
  const network = new Counter({
    name: 'darkroom_network_seconds_total',
    help: 'Time inside the network runtime: device use by its rate',
    labelNames: ['model', 'device'],
    registers,
  });
  const pictures = new Histogram({
    name: 'darkroom_batch_pictures',
    help: 'Pictures in a batch',
    labelNames: ['model', 'device'],
    buckets: [1, 2, 3, 4, 8, 16],
    registers,
  });

  counted('edits', 'Edits of messages that the platform took', ({ shown }) => shown);
  counted(
    'edits_dropped',
    'Steps not shown: a newer one came before their turn, or the platform refused them',
    ({ dropped }) => dropped,
  );

  /** A counter that the platforms keep. */
  function counted(name: string, help: string, read: (edits: NonNullable<Edited['edits']>) => number): void {
    const made: Counter = new Counter({
      name: `darkroom_${name}_total`,
      help,
      labelNames: ['platform'],
      registers,
      collect() {
        made.reset();
        for (const { platform, edits } of platforms()) if (edits) made.inc({ platform }, read(edits));
      },
    });
  }

  function gauge(name: string, help: string, read: () => number): void {
    const made: Gauge = new Gauge({
      name: `darkroom_${name}`,
      help,
      registers,
      collect: () => made.set(read()),
    });
  }

  function seconds<T extends string>(name: string, help: string, labelNames: T[]): Histogram<T> {
    return new Histogram({ name: `darkroom_${name}`, help, labelNames, buckets: SECONDS, registers });
  }

  queue.on('change', (job: Job) => {
    const { model } = job.params;
    if (isOver(job.status)) over.inc({ platform: job.requester.platform, model, outcome: job.status });
    if (job.status === 'running' && job.startedAt)
      waited.observe({ model }, (job.startedAt.getTime() - job.createdAt.getTime()) / 1000);
  });
  queue.on('drawn', ({ model, device, pictures: count, totalMs, runtimeMs }) => {
    ran.observe({ model, device }, totalMs / 1000);
    network.inc({ model, device }, runtimeMs / 1000);
    pictures.observe({ model, device }, count);
  });
  queue.on('failed', ({ params: { model } }, kind) => failures.inc({ model, kind }));
  return { type: registry.contentType, text: () => registry.metrics() };
}
