// The composition root: everything is built here, by name, and stopped in reverse order. Knows everybody, decides nothing.

import { randomInt } from 'node:crypto';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import type { Chat } from './bots/chat.ts';
import { ConsoleChat } from './bots/console/console.ts';
import { postDigests } from './bots/digest.ts';
import { FrontDesk } from './bots/front-desk.ts';
import { Office } from './bots/office.ts';
import { OwnData } from './bots/own-data.ts';
import { DEFAULT_REACTIONS, readReactions, type Reactions } from './bots/reactions.ts';
import { ConfigError, loadEnvFile, readConfig, withoutSecrets, type Config } from './config.ts';
import { Admission } from './core/admission.ts';
import { checkedPng, createImageReader, DEFAULT_IMAGE_HOSTS } from './core/input-image.ts';
import { checkPrompt } from './core/moderation/moderation.ts';
import { sweep, sweepServer } from './core/retention.ts';
import { RulesBook } from './core/rules-book.ts';
import { DIRECT, isHouse, type ServerRef } from './core/rules.ts';
import { Studio } from './core/studio.ts';
import { readStyles, type Style } from './core/styles.ts';
import { Usage } from './core/usage.ts';
import { UserError } from './core/user-error.ts';
import type { ModelCard } from './pipeline/model-card.ts';
import { readModels } from './pipeline/model-folder.ts';
import type { ImageStore } from './queue/job.ts';
import { schedulerNames } from './pipeline/schedulers/index.ts';
import { version } from './pipeline/version.ts';
import { measure } from './queue/metrics.ts';
import { Queue } from './queue/queue.ts';
import { SEEDS } from './queue/seed.ts';
import { DiskImages } from './store/images-disk.ts';
import { StoreUnavailable } from './store/failure.ts';
import { AlreadyRunning, lockInstance } from './store/instance-lock.ts';
import { openStore } from './store/open.ts';
import { devicesOf, idleGpuAdvice } from './workers/devices.ts';
import { WorkerHost } from './workers/worker-host.ts';
import { Workers } from './workers/workers.ts';

const KEEP_UP_EVERY_MS = 60 * 60_000;
/** So long a moderator can be asked to allow what was refused. */
const REFUSED_MS = 7 * 24 * 60 * 60_000;
const STOP_WITHIN_MS = 20_000;

async function main(config: Config): Promise<void> {
  // A platform's error holds the request it failed on: people's words and short-lived tokens, which no log needs.
  const redact = { paths: ['err.requestBody', 'err.url'], remove: true };
  const log = pino({ level: config.logLevel, redact });
  const lock = lockInstance(config.dataDir);
  const store = await openStore(config.databaseUrl);
  const images = await DiskImages.open(path.join(config.dataDir, 'pictures'));
  const { folders, problems } = readModels(config.modelsDir);
  for (const problem of problems) log.error(problem);
  const cards = folders.map((f) => f.card);
  const styles = readStyles(config.modelsDir);

  const now = (): Date => new Date();
  const { maxBatchPictures } = config;
  const workers = new Workers({ hosts: hostsOf(config, log), log, maxBatchPictures });
  const queue = new Queue({
    jobs: store.jobs,
    images,
    painters: workers,
    log,
    now,
    weights: { server: (server) => config.serverWeights[server] ?? 1 },
    limits: { waiting: config.maxWaiting || Infinity, running: config.maxRunning || Infinity },
  });
  workers.onIdle(() => queue.pump());
  const rules = new RulesBook(store.rules, now);
  await rules.load();
  const rulesOf = rules.of.bind(rules);
  const usage = new Usage({ ...store, rulesOf });
  const admission = new Admission({
    rulesOf,
    ledger: store.ledger,
    predictSeconds: (params) => queue.predictSeconds(params),
    now,
    check: checkPrompt,
    picturePrompts: config.picturePrompts,
  });
  const studio = new Studio({
    queue,
    admission,
    jobs: store.jobs,
    posts: store.posts,
    people: store.people,
    images,
    cards,
    styles,
    defaultModel: config.defaultModel,
    unavailable: () => workers.broken,
    randomSeed: () => randomInt(SEEDS),
    readImage: createImageReader({ hosts: config.imageHosts ?? DEFAULT_IMAGE_HOSTS }),
    checkedPng,
  });
  const office = new Office({ rules, usage, admission, cards, now });
  const ownData = new OwnData({
    data: {
      ...store,
      images,
      ledger: {
        entriesOf: (person) => store.ledger.entriesOf(person),
        forget: (person) => usage.forget(person), // in the sums as well
      },
    },
    cancel: (id) => queue.cancel(id),
    clear: async (by) => {
      if (by.platform === page.platform) await page.forget(by);
    },
    now,
  });
  const desk = new FrontDesk({
    ...store,
    studio,
    queue,
    office,
    ownData,
    rulesOf,
    now,
    cards,
    styles,
    log,
  });
  const common: PlatformDeps = {
    images,
    cards: () => cards,
    styles: () => styles,
    schedulers: schedulerNames,
    reactions: readReactions(config.reactions ?? DEFAULT_REACTIONS),
    log,
    clock: now,
    ...(config.publicUrl !== undefined && { publicUrl: config.publicUrl }),
  };
  const page = new ConsoleChat({
    ...common,
    messages: store.messages,
    host: config.host,
    ...(config.consolePassword !== undefined && { password: config.consolePassword }),
    port: config.port,
    keepImage: (bytes, by) => studio.keepImage(bytes, by),
    isPublic: (id) => studio.isPublic(id),
    maySeePicture: (id, by) => studio.maySeePicture(id, by),
    accounts: store.accounts,
    probes: { unready: () => workers.broken, metrics: measure(queue, workers, () => chats) },
    reports: {
      report: ({ server, period }) => office.numbers(server, period),
      servers: () => office.servers(),
      nameOf: (kind, platform, id) => chats.find((chat) => chat.platform === platform)?.nameOf?.(kind, id),
      load: () => queue.load,
      watch: (heard) => {
        queue.on('moved', heard);
        return () => queue.off('moved', heard);
      },
    },
  });
  const chats: Chat[] = [page, ...(await platforms(config, common))];

  const kept = { images, jobs: store.jobs, log };
  // What goes wrong in one part keeps nothing else from being done.
  const each = (work: () => Promise<unknown>): Promise<unknown> =>
    work().catch((error: unknown) => log.error({ err: error }, 'a part of the hourly work was not done'));
  const keepUp = async (): Promise<void> => {
    await each(() => sweep(kept, config.retention, now()));
    for (const { server, rules: own } of rules.list())
      for (const whose of ruledBy(server, chats))
        if (own.keepDays !== undefined) {
          const policy = { server: whose, keepDays: own.keepDays };
          await each(() => sweepServer(kept, policy, now()));
        }
    await each(() => store.reviews.dropOpen(new Date(now().getTime() - REFUSED_MS)));
    await each(() => usage.sumUp(now()));
    await postDigests({ rules, office, chats, log }, now());
  };
  const keep = (): void =>
    void keepUp().catch((error: unknown) => log.error({ err: error }, 'the hourly work was not done'));
  setInterval(keep, KEEP_UP_EVERY_MS).unref();

  onSignal(log, async () => {
    desk.stop();
    await Promise.allSettled(chats.map((chat) => chat.stop()));
    await queue.stop();
    await workers.stop();
    await store.close();
    lock.release();
  });
  await queue.start(); // before anyone can ask: what a dead process left running is queued again
  workers.load(config.defaultModel);
  void workers.start();
  await Promise.all(chats.map((chat) => chat.start(desk.at(chat))));
  await desk.resume(chats);
  keep();
  console.log(`\n  Darkroom ${version} is ready: open ${page.url}\n  Type /imagine a red heart\n`);
}

/** The house's rules hold in the direct messages of every platform. */
function ruledBy(server: ServerRef, chats: readonly Chat[]): ServerRef[] {
  return isHouse(server) ? chats.map(({ platform }) => ({ platform, id: DIRECT })) : [server];
}

/** Asked to stop, everything is put away within a while; asked twice, at once. */
function onSignal(log: pino.Logger, putAway: () => Promise<void>): void {
  let stopping = false;
  const stop = (signal: string): void => {
    if (stopping) process.exit(1);
    stopping = true;
    log.info({ signal }, 'stopping; what is running is drawn at the next start');
    setTimeout(() => process.exit(1), STOP_WITHIN_MS).unref();
    void putAway().finally(() => process.exit(0));
  };
  process.once('SIGINT', stop).once('SIGTERM', stop);
}

interface PlatformDeps {
  images: ImageStore;
  cards: () => ModelCard[];
  styles: () => Style[];
  schedulers: readonly string[];
  reactions: Reactions;
  log: pino.Logger;
  clock: () => Date;
  publicUrl?: string;
}

/** The platforms that have tokens. Their libraries are loaded only then. */
async function platforms(config: Config, common: PlatformDeps): Promise<Chat[]> {
  const chats: Chat[] = [];
  if (config.discord) {
    const { DiscordChat } = await import('./bots/discord/discord.ts');
    chats.push(new DiscordChat({ ...config.discord, ...common }));
  }
  if (config.slack) {
    const { SlackChat } = await import('./bots/slack/slack.ts');
    chats.push(new SlackChat({ ...config.slack, ...common, host: config.host }));
  }
  return chats;
}

function hostsOf(config: Config, log: pino.Logger): WorkerHost[] {
  const devices = devicesOf(config.devices);
  const advice = idleGpuAdvice(config.devices);
  if (advice) log.warn(advice);
  const cores = availableParallelism();
  return devices.map(
    (device) =>
      new WorkerHost({
        config: {
          device,
          modelsDir: config.modelsDir,
          threads: config.workerThreads,
          ...(config.modelMemoryMb !== undefined && { modelMemoryMb: config.modelMemoryMb }),
          intraOpThreads: Math.max(1, Math.floor(cores / (devices.length * config.workerThreads))),
        },
        log,
        stepTimeoutMs: config.stepTimeoutSeconds * 1000,
        env: withoutSecrets(),
      }),
  );
}

try {
  loadEnvFile();
  await main(readConfig());
} catch (error) {
  // What a person can mend is told in its own words; anything else keeps its stack.
  const mendable = [ConfigError, UserError, StoreUnavailable, AlreadyRunning].some(
    (kind) => error instanceof kind,
  );
  console.error(mendable ? (error as Error).message : error);
  process.exit(1);
}
