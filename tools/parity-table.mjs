// Draws every parity case and writes what was measured to docs/parity.md:  npm run parity
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { format } from 'prettier';
import { tsImport } from 'tsx/esm/api';

const { casesOf, families, openFamily, worstDifferences } = await tsImport(
  '../test/support/parity.ts',
  import.meta.url,
);
const OUT = fileURLToPath(new URL('../docs/parity.md', import.meta.url));

/** The scheduler's class, and the fields that make it another one. */
function schedulerName({ _class_name: name, ...config }) {
  const told = [
    config.use_karras_sigmas && 'Karras',
    config.algorithm_type?.startsWith('sde') && 'SDE',
    config.rescale_betas_zero_snr && 'zero SNR',
    config.timestep_spacing === 'trailing' && 'trailing',
    config.prediction_type === 'v_prediction' && 'v',
  ].filter(Boolean);
  const short = name.replace(/(Discrete|Multistep)?Scheduler$/, '');
  return told.length > 0 ? `${short} (${told.join(', ')})` : short;
}

function row(c, worst) {
  const guidance = c.guidanceRescale
    ? `${c.guidanceScale}, rescaled ${c.guidanceRescale}`
    : `${c.guidanceScale}`;
  const mode = c.strength === undefined ? c.mode : `${c.mode}, strength ${c.strength}`;
  const size = `${c.width} × ${c.height}${c.tiled ? ', tiled' : ''}`;
  return `| ${c.name} | ${mode} | ${schedulerName(c.scheduler)} | ${c.steps} | ${c.seeds.length} | ${guidance} | ${size} | ${worst.toExponential(1)} |`;
}

const sections = [];
let count = 0;
let failed = false;
for (const family of families) {
  const cases = casesOf(family);
  const model = await openFamily(family);
  const rows = [];
  let most = 0;
  for (const c of cases) {
    const { pictures: worst } = await worstDifferences(model, family, c);
    if (!(worst < c.tolerance)) {
      failed = true;
      console.error(`${family}/${c.name}: ${worst} is over ${c.tolerance}`);
    }
    most = Math.max(most, worst);
    rows.push(row(c, worst));
  }
  for (const network of model.networks) await network.release();
  count += rows.length;
  console.log(`${family}: ${rows.length} cases, ${most.toExponential(1)} at most`);
  sections.push(
    `## ${family}\n\nAt most ${most.toExponential(1)}, allowed ${cases[0].tolerance}.\n\n` +
      '| case | mode | scheduler | steps | pictures | guidance | size | largest difference |\n' +
      `|---|---|---|---|---|---|---|---|\n${rows.join('\n')}`,
  );
}

const text = `# Parity with diffusers

${count} cases, drawn by our pipelines and by the Python reference with the same tiny random models and seeds. The last column is the largest difference of any number of the pictures before they are rounded to 8 bits, where black is 0 and white is 1. Measured on ${cpus()[0].model}, Node ${process.version}, by \`npm run parity\`; \`test/parity.test.ts\` holds every case to its limit. How the models and the reference are made: [training/parity](../training/parity/README.md).

${sections.join('\n\n')}
`;
writeFileSync(OUT, await format(text, { parser: 'markdown' }));
process.exit(failed ? 1 : 0);
