// What Prometheus is told.

import { readFileSync } from 'node:fs';
import { expect, it, vi } from 'vitest';
import { measure } from '../src/queue/metrics.ts';
import { HostDied } from '../src/workers/failures.ts';
import { postOf, workingStudio } from './support/studio.ts';

it('counts jobs, waits, runs and failures', async () => {
  const { queue, painters, say } = await workingStudio();
  const metrics = measure(queue, painters);
  const told = async (line: string): Promise<void> =>
    vi.waitFor(async () => expect((await metrics.text()).split('\n')).toContain(line));
  await say({ kind: 'imagine', text: 'one --n 2' });
  await say({ kind: 'imagine', text: 'two' });
  await told('darkroom_running_jobs 1');
  await told('darkroom_waiting_jobs 1');
  await told('darkroom_idle_places 0');
  await vi.waitFor(() => expect(painters.easels).toHaveLength(1));
  painters.easels[0]!.fail(new HostDied('SIGKILL'));
  await vi.waitFor(() => expect(painters.easels).toHaveLength(2));
  painters.easels[1]!.finish();
  await say({ kind: 'cancel', post: postOf('m2') });
  await told('darkroom_jobs_total{platform="test",model="flexible",outcome="done"} 1');
  await told('darkroom_jobs_total{platform="test",model="flexible",outcome="canceled"} 1');
  await told('darkroom_failures_total{model="flexible",kind="worker"} 1');
  await told('darkroom_run_seconds_count{model="flexible",device="cpu"} 1');
  await told('darkroom_batch_pictures_sum{model="flexible",device="cpu"} 2');
  expect(metrics.type).toContain('text/plain');
  expect(await metrics.text()).toContain('darkroom_wait_seconds_bucket{le="0.1",model="flexible"}');
});

it('counts the edits that a platform took, and the steps that were not shown', async () => {
  const { queue, painters } = await workingStudio();
  const edits = { shown: 0, dropped: 0 };
  const metrics = measure(queue, painters, () => [{ platform: 'discord', edits }, { platform: 'console' }]);
  edits.shown = 5;
  edits.dropped = 2;
  await metrics.text();
  edits.dropped = 3;
  const told = (await metrics.text()).split('\n').filter((line) => line.startsWith('darkroom_edits'));
  expect(told).toEqual([
    'darkroom_edits_total{platform="discord"} 5',
    'darkroom_edits_dropped_total{platform="discord"} 3',
  ]);
});

it('gives the Grafana dashboard every number that it shows', async () => {
  const { queue, painters } = await workingStudio();
  const told = await measure(queue, painters).text();
  const shown = readFileSync('docs/grafana.json', 'utf8').matchAll(
    /darkroom_[a-z_]+?(?=_bucket|_sum|_count|\b)/g,
  );
  const names = [...new Set([...shown].map(([name]) => name))];
  expect(names.length).toBeGreaterThan(8);
  for (const name of names) expect(told).toMatch(new RegExp(`^# TYPE ${name}`, 'm'));
});
