// The console's page in the browser of this machine, in front of a desk that the test moves by hand.
// CONSOLE_SCREENSHOTS=<folder> keeps what the page looked like.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll } from 'vitest';
import type { ConsoleDeps } from '../../src/bots/console/console.ts';
import { findChromium, launchChromium } from './chromium.ts';
import { ScriptedDesk } from './scripted-desk.ts';

const executable = findChromium();
export const noBrowser = executable === undefined;
if (!executable) {
  console.warn(
    'SKIPPED: no chromium, chromium-browser or google-chrome here, so the console page was NOT tested.',
  );
}

let browser: Browser;
/** What is closed after each test, in this order. */
export const closing: (() => Promise<void>)[] = [];
/** What the browser complained of. A test that expects it takes it out. */
export const complaints: string[] = [];

export interface Opened {
  desk: ScriptedDesk;
  page: Page;
  line: Locator;
}

/** Around each test of a group: the browser runs, and a test in which it complained fails. */
export function useBrowser(): void {
  beforeAll(async () => {
    browser = await launchChromium(executable ?? '');
  }, 60_000);

  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
    const heard = complaints.splice(0);
    if (heard.length > 0) throw new Error(`The browser complained: ${heard.join('\n')}`);
  });

  afterAll(async () => {
    await browser.close();
  });
}

export async function open(
  options: BrowserContextOptions = {},
  more: Partial<ConsoleDeps> = {},
): Promise<Opened> {
  const desk = new ScriptedDesk(more);
  await desk.start();
  closing.push(() => desk.chat.stop());
  return { desk, ...(await look(desk, options)) };
}

export async function look(
  desk: ScriptedDesk,
  options: BrowserContextOptions = {},
): Promise<Omit<Opened, 'desk'>> {
  const page = await newPage(options);
  await page.goto(desk.chat.url);
  await page.getByText('Emoji', { exact: true }).waitFor();
  return { page, line: page.getByRole('combobox') };
}

/** An empty page in a browser of its own, as it were: nothing is shared with another. */
export async function newPage(options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1100, height: 900 }, ...options });
  closing.unshift(() => context.close());
  context.setDefaultTimeout(15_000);
  const page = await context.newPage();
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(String(error)));
  return page;
}

/** A line typed and sent, and its message on the page. */
export async function imagine({ page, line }: Opened, text: string): Promise<Locator> {
  await line.fill(text);
  await line.press('Enter');
  const message = page.locator('.bot').last();
  await message.getByText('Next in line').waitFor();
  return message;
}

export async function picturesIn(message: Locator): Promise<Locator> {
  await message.locator('.picture[data-here]').nth(3).waitFor();
  return message.locator('.picture');
}

export async function keep(page: Page, name: string): Promise<void> {
  const folder = process.env['CONSOLE_SCREENSHOTS'];
  if (!folder) return;
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`), animations: 'disabled' });
}
