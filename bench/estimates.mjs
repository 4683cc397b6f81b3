// How near the first estimate of a waiting request comes to what follows, for a thousand people in fifty servers under
// several steady loads, in virtual time:  node bench/estimates.mjs. With --bound also the most that any estimate could
// reach in each: what was said at a moment is held against many futures of that moment. That takes minutes.

import { parseArgs } from 'node:util';
import { tsImport } from 'tsx/esm/api';

const { values: asked } = parseArgs({ options: { bound: { type: 'boolean', default: false } } });
const load = (file) => tsImport(`../test/support/${file}.ts`, import.meta.url);
const { branch, steadyLoad } = await load('steady-load');
const { calibrationOf, steadyLoads } = await load('calibration');
const MOMENTS = 20;
const FUTURES = 24;
const percent = (part) => `${Math.round(100 * part)} %`;

/** The part of the futures of a moment within 30 % of the one number that fits the most of them, over many moments. */
function boundOf(scenario) {
  const best = [];
  for (let moment = 0; moment < MOMENTS; moment += 1) {
    const futures = Array.from({ length: FUTURES }, (_, i) => branch(scenario, 4000 + 37 * moment, 100 + i));
    const waits = futures.filter((wait) => wait !== undefined);
    if (waits.length < FUTURES / 2) continue;
    // One half of the futures finds the number, the other judges it.
    const judges = waits.filter((_, i) => i % 2 === 1);
    const near = (said, of) => of.filter((wait) => Math.abs(wait - said) <= 0.3 * said).length / of.length;
    const finders = waits.filter((_, i) => i % 2 === 0);
    const numbers = finders.flatMap((wait) => [0.8, 1, 1.25].map((factor) => wait * factor));
    const said = numbers.reduce((a, b) => (near(b, finders) > near(a, finders) ? b : a));
    best.push(near(said, judges));
  }
  return best.reduce((sum, part) => sum + part, 0) / best.length;
}

console.log(
  '| steady load | wait | within 30 % | or 2 s | real / told: p5, p50, p95 | in its range | one number |',
);
console.log('|---|---|---|---|---|---|---|');
for (const [name, scenario] of Object.entries(steadyLoads)) {
  const { told, waiting } = steadyLoad(scenario);
  const { within, nearly, inRange, sure, sureShare, ratios } = calibrationOf(told);
  const most = asked.bound ? ` (at most ${percent(boundOf(scenario))})` : '';
  console.log(
    `| ${name} | ${Math.round(waiting)} | ${percent(within)}${most} | ${percent(nearly)} | ${ratios
      .map((ratio) => ratio.toFixed(2))
      .join(', ')} | ${percent(inRange)} | ${percent(sureShare)}, ${percent(sure)} of them near |`,
  );
}
