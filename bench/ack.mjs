// Measures how soon a command is acknowledged while a picture is drawn: the real program with the shipped model, on
// stand-ins for Discord and Slack that run here. Needs a build. Called by run.mjs.

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { tsImport } from 'tsx/esm/api';

const root = fileURLToPath(new URL('..', import.meta.url));
const COMMANDS = 200;
const WITHIN_MS = 10_000;
const GIVE_UP_MS = 30_000;

const { FakeDiscord, TOKEN } = await tsImport('../test/support/discord/fake-discord.ts', import.meta.url);
const { command, fields } = await tsImport('../test/support/discord/payloads.ts', import.meta.url);
const { FakeSlack, BOT } = await tsImport('../test/support/slack/fake-slack.ts', import.meta.url);
const { Door } = await tsImport('../test/support/rate-limits.ts', import.meta.url);

async function until(look, what) {
  const end = performance.now() + GIVE_UP_MS;
  while (!look()) {
    if (performance.now() > end) throw new Error(`Waited in vain for ${what}.`);
    await sleep(5);
  }
}

/** Discord's commands, and the moment at which each was acknowledged. */
async function onDiscord() {
  const fake = await FakeDiscord.start();
  const door = await Door.before(new URL(fake.apiUrl).origin);
  const begun = new Map();
  let count = 0;
  return {
    fake,
    env: { DISCORD_TOKEN: TOKEN, DISCORD_API_URL: `${door.origin}/api` },
    ready: () => fake.gateway.identified.length > 0,
    ask(prompt) {
      const id = String(1_100_000_000_000_000_000n + BigInt((count += 1)));
      begun.set(id, performance.now());
      fake.interact(command(id, 'imagine', fields({ prompt })));
    },
    /** In milliseconds, of those that were acknowledged. */
    times() {
      const acks = door.passed.filter((each) => each.path.endsWith('/callback'));
      return acks.map((each) => each.at - begun.get(/interactions\/(\d+)\//.exec(each.path)[1]));
    },
    async stop() {
      await door.close();
      await fake.stop();
    },
  };
}

async function onSlack() {
  const fake = await FakeSlack.start();
  const begun = new Map();
  const acknowledged = new Map();
  return {
    fake,
    env: { SLACK_BOT_TOKEN: BOT.token, SLACK_APP_TOKEN: BOT.appToken, SLACK_API_URL: fake.apiUrl },
    ready: () => fake.sockets.size > 0,
    listen() {
      for (const socket of fake.sockets)
        socket.on('message', (data) => {
          const { envelope_id: id } = JSON.parse(data.toString());
          if (id && !acknowledged.has(id)) acknowledged.set(id, performance.now());
        });
    },
    ask(prompt) {
      const now = performance.now();
      begun.set(fake.command(prompt), now);
    },
    times: () => [...acknowledged].map(([id, at]) => at - begun.get(id)),
    stop: () => fake.stop(),
  };
}

function start(env) {
  const data = mkdtempSync(path.join(tmpdir(), 'darkroom-ack-'));
  const program = spawn(process.execPath, [path.join(root, 'dist/main.js')], {
    cwd: data, // away from any .env
    env: {
      PATH: process.env.PATH,
      DATA_DIR: data,
      MODELS_DIR: path.join(root, 'models'),
      PORT: '0',
      LOG_LEVEL: 'error',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  program.stdout.on('data', (part) => (said += part));
  return {
    ready: () => said.includes('is ready: open'),
    said: () => said,
    async end() {
      const over = new Promise((resolve) => program.once('close', resolve));
      program.kill('SIGKILL');
      await over;
      rmSync(data, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

const share = (values, part) => values.toSorted((a, b) => a - b)[Math.ceil(values.length * part) - 1];

/** Rows of a table: from sending a command to its acknowledgement, while pictures are drawn. */
export async function acknowledgements() {
  const [discord, slack] = [await onDiscord(), await onSlack()];
  const program = start({ ...discord.env, ...slack.env });
  try {
    await until(() => program.ready() && discord.ready() && slack.ready(), 'the program');
    slack.listen();
    discord.ask('a red heart --n 4 --steps 50');
    const drawing = () => [...discord.fake.messages.values()].some(({ content }) => / step /.test(content));
    await until(drawing, 'the first step of a picture');
    const first = discord.times().length;
    const begun = performance.now();
    for (let i = 0; i < COMMANDS; i += 1) {
      await sleep(Math.max(0, begun + (i * WITHIN_MS) / COMMANDS - performance.now()));
      (i % 2 ? slack : discord).ask(`a red heart --n 1 --seed ${i}`);
    }
    await until(() => discord.times().length + slack.times().length === first + COMMANDS, 'acknowledgements');
    const rows = [
      ['Discord', discord.times().slice(first)],
      ['Slack', slack.times()],
      ['both', [...discord.times().slice(first), ...slack.times()]],
    ];
    return rows.map(([name, times]) => {
      const [half, most, all] = [0.5, 0.95, 0.99].map((part) => `${share(times, part).toFixed(0)} ms`);
      return `| ${name}: ${times.length} commands in ${WITHIN_MS / 1000} s while a picture is drawn, to the acknowledgement | p50 ${half}, p95 ${most}, p99 ${all} | p99 ≤ 300 ms |`;
    });
  } catch (error) {
    throw new Error(`The program said:\n${program.said()}`, { cause: error });
  } finally {
    await program.end();
    await discord.stop();
    await slack.stop();
  }
}
