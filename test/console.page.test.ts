// The console's page in a real browser, in front of a desk that the test moves by hand.
// CONSOLE_SCREENSHOTS=<folder> keeps what the page looked like.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ConsoleDeps } from '../src/bots/console/console.ts';
import { findChromium, launchChromium } from './support/chromium.ts';
import { lowContrast } from './support/contrast.ts';
import { ScriptedDesk, queuedView } from './support/scripted-desk.ts';

const executable = findChromium();
if (!executable) {
  console.warn(
    'SKIPPED: no chromium, chromium-browser or google-chrome here, so the console page was NOT tested.',
  );
}

let browser: Browser;
const closing: (() => Promise<void>)[] = [];
const complaints: string[] = [];

interface Opened {
  desk: ScriptedDesk;
  page: Page;
  line: Locator;
}

async function open(options: BrowserContextOptions = {}, more: Partial<ConsoleDeps> = {}): Promise<Opened> {
  const desk = new ScriptedDesk(more);
  await desk.start();
  closing.push(() => desk.chat.stop());
  return { desk, ...(await look(desk, options)) };
}

async function look(desk: ScriptedDesk, options: BrowserContextOptions = {}): Promise<Omit<Opened, 'desk'>> {
  const context = await browser.newContext({ viewport: { width: 1100, height: 900 }, ...options });
  closing.unshift(() => context.close());
  context.setDefaultTimeout(15_000);
  const page = await context.newPage();
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(String(error)));
  await page.goto(desk.chat.url);
  await page.getByText('Emoji', { exact: true }).waitFor();
  return { page, line: page.getByRole('combobox') };
}

/** A line typed and sent, and its message on the page. */
async function imagine({ page, line }: Opened, text: string): Promise<Locator> {
  await line.fill(text);
  await line.press('Enter');
  const message = page.locator('.bot').last();
  await message.getByText('Queued').waitFor();
  return message;
}

async function picturesIn(message: Locator): Promise<Locator> {
  await message.locator('.picture[data-here]').nth(3).waitFor();
  return message.locator('.picture');
}

async function keep(page: Page, name: string): Promise<void> {
  const folder = process.env['CONSOLE_SCREENSHOTS'];
  if (!folder) return;
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`), animations: 'disabled' });
}

describe.skipIf(!executable)('the console page', { timeout: 60_000 }, () => {
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

  it('invites with examples, and pressing one draws it', async () => {
    const { desk, page } = await open();
    await page.getByRole('heading', { name: 'Nothing developed yet' }).waitFor();
    await keep(page, 'empty');
    await page.getByRole('button', { name: 'a green apple' }).click();
    await page.locator('.bot').getByText('Queued').waitFor();
    expect(desk.intents).toMatchObject([{ kind: 'imagine', text: 'a green apple' }]);
    expect(await page.getByRole('heading', { name: 'Nothing developed yet' }).isVisible()).toBe(false);
  });

  it('completes commands, options and values by keyboard alone', async () => {
    const { desk, page, line } = await open();
    const active = page.locator('[role=option][aria-selected=true]');
    await page.keyboard.type('/i');
    expect(await line.getAttribute('aria-expanded')).toBe('true');
    await page.keyboard.press('Enter');
    expect(await line.inputValue()).toBe('/imagine ');
    await page.keyboard.type('a red heart --s');
    expect(await active.textContent()).toContain('--seed');
    await keep(page, 'suggestions');
    for (const _ of [1, 2]) await page.keyboard.press('ArrowDown');
    expect(await active.textContent()).toContain('--scheduler');
    expect(await line.getAttribute('aria-activedescendant')).toBe(await active.getAttribute('id'));
    await page.keyboard.press('Tab');
    await page.keyboard.type('eu');
    await page.keyboard.press('Tab');
    await page.keyboard.type('--mod');
    await page.keyboard.press('Tab');
    expect(await active.textContent()).toContain('Small icons from words');
    await page.keyboard.press('Escape');
    expect(await page.getByRole('listbox').isVisible()).toBe(false);
    await page.keyboard.type('emoji');
    await page.keyboard.press('Enter');
    await page.locator('.bot').waitFor();
    expect(desk.intents).toMatchObject([{ text: 'a red heart --scheduler euler --model emoji' }]);
  });

  it('a name typed in full is sent, though a longer one begins with it', async () => {
    const { desk, page } = await open();
    await page.keyboard.type('/imagine a rocket --scheduler euler');
    expect(await page.getByRole('option').allTextContents()).toEqual(['euler', 'euler-karras']);
    await page.keyboard.press('Enter');
    await page.locator('.bot').waitFor();
    expect(desk.intents).toMatchObject([{ text: 'a rocket --scheduler euler' }]);
  });

  it('a half-typed number is sent as it stands, and an option is offered once', async () => {
    const { desk, page } = await open();
    await page.keyboard.type('/imagine a rocket --steps 2');
    expect(await page.getByRole('listbox').isVisible()).toBe(false);
    await page.keyboard.type(' --s');
    expect(await page.getByRole('option').allTextContents()).not.toContainEqual(
      expect.stringContaining('--steps'),
    );
    for (const _ of ' --s') await page.keyboard.press('Backspace');
    await page.keyboard.press('Enter');
    await page.locator('.bot').waitFor();
    expect(desk.intents).toMatchObject([{ text: 'a rocket --steps 2' }]);
  });

  it('shows a picture from the queue to the grid, in words, bar and preview', async () => {
    const opened = await open();
    const { desk, page } = opened;
    const message = await imagine(opened, '/imagine a red heart');
    await desk.step(7);
    await message.getByText('step 7 of 25').waitFor();
    const bar = message.getByRole('progressbar');
    expect(await bar.getAttribute('aria-valuenow')).toBe('7');
    expect(await bar.getAttribute('aria-valuetext')).toBe('Step 7 of 25');
    await message.getByAltText('a red heart, still developing').waitFor();
    await keep(page, 'running');
    await desk.finish();
    const pictures = await picturesIn(message);
    expect(await pictures.count()).toBe(4);
    expect(await pictures.nth(1).getAttribute('alt')).toContain('a red heart, picture 2 of 4');
    await expect.poll(() => message.locator('.preview').isVisible()).toBe(false);
    expect(await bar.isVisible()).toBe(false);
    expect(await page.locator('img:not([alt])').count()).toBe(0);
    const width = (await message.locator('.sheet').boundingBox())?.width ?? 0;
    expect(Math.round(width)).toBe(420);
  });

  it('speaks when the status changes, and not at every step', async () => {
    const opened = await open();
    const { desk, page } = opened;
    const spoken = page.locator('#announcer');
    await imagine(opened, '/imagine a red heart');
    await desk.step(1);
    await expect.poll(() => spoken.textContent()).toBe('a red heart: Drawing, step 1 of 25');
    await desk.step(2);
    await page.locator('.headline', { hasText: 'step 2' }).waitFor();
    expect(await spoken.textContent()).toBe('a red heart: Drawing, step 1 of 25');
    await desk.finish();
    await expect.poll(() => spoken.textContent()).toContain('4 pictures of a red heart ready');
  });

  it('reruns by button and by reaction, and varies one picture', async () => {
    const opened = await open();
    const { desk, page } = opened;
    const message = await imagine(opened, '/imagine a red heart');
    await desk.finish();
    const first = page.locator('.bot').first();
    await first.getByRole('button', { name: 'New seed', exact: true }).click();
    await page.locator('.bot').nth(1).waitFor();
    await first.getByRole('button', { name: 'React with 🔁' }).focus();
    await page.keyboard.press('Enter');
    await page.locator('.bot').nth(2).waitFor();
    await first.getByRole('button', { name: 'Vary 3' }).press('Space');
    await page.locator('.bot').nth(3).waitFor();
    expect(await message.count()).toBe(1);
    expect(desk.intents.slice(1)).toMatchObject([
      { kind: 'rerun' },
      { kind: 'rerun' },
      { kind: 'vary', index: 2 },
    ]);
    await page.locator('.bot').nth(1).getByRole('button', { name: 'from an earlier message' }).click();
    await expect
      .poll(() => page.locator('.bot:focus').getAttribute('id'))
      .toBe(await first.getAttribute('id'));
  });

  it('cancels by button and by reaction', async () => {
    const opened = await open();
    const { desk, page } = opened;
    await imagine(opened, '/imagine a red heart');
    await desk.step(3);
    await page.getByRole('button', { name: 'Cancel', exact: true }).click();
    await page.locator('.headline', { hasText: 'Canceled' }).waitFor();
    expect(await page.locator('.sheet').first().isVisible()).toBe(false);
    await imagine(opened, '/imagine a rocket');
    await page.getByRole('button', { name: 'React with ❌: cancel' }).press('Enter');
    await expect.poll(() => page.locator('.headline', { hasText: 'Canceled' }).count()).toBe(2);
    expect(desk.intents.map((intent) => intent.kind)).toEqual(['imagine', 'cancel', 'imagine', 'cancel']);
  });

  it('deletes only when asked twice, and stays deleted after a reload', async () => {
    const opened = await open();
    const { desk, page } = opened;
    const message = await imagine(opened, '/imagine a red heart');
    await desk.finish();
    await message.getByRole('button', { name: 'Delete', exact: true }).click();
    await message.getByRole('button', { name: 'Press again to delete' }).waitFor();
    expect(desk.intents).toHaveLength(1);
    await message.getByRole('button', { name: 'Press again to delete' }).click();
    await expect.poll(() => page.locator('.bot').count()).toBe(0);
    await page.reload();
    await page.locator('.person').waitFor();
    expect(await page.locator('.bot').count()).toBe(0);
  });

  it('keeps its history over a reload, a running picture included', async () => {
    const opened = await open();
    const { desk, page } = opened;
    await imagine(opened, '/imagine a red heart');
    await desk.finish();
    await imagine(opened, '/imagine a rocket');
    await desk.step(9);
    await page.reload();
    await picturesIn(page.locator('.bot').first());
    await page.getByText('step 9 of 25').waitFor();
    await page.getByAltText('a rocket, still developing').waitFor();
    expect(await page.locator('.said').allTextContents()).toEqual([
      '/imagine a red heart',
      '/imagine a rocket',
    ]);
    await page.getByRole('combobox').press('ArrowUp');
    expect(await page.getByRole('combobox').inputValue()).toBe('/imagine a rocket');
    await page.getByRole('combobox').press('ArrowUp');
    expect(await page.getByRole('combobox').inputValue()).toBe('/imagine a red heart');
  });

  it('enlarges a picture, moves to the next by arrow, and closes by Escape', async () => {
    const opened = await open();
    const { desk, page } = opened;
    const message = await imagine(opened, '/imagine a red heart');
    await desk.finish();
    await (await picturesIn(message)).first().click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('1 of 4').waitFor();
    await page.keyboard.press('ArrowLeft');
    await dialog.getByText('4 of 4').waitFor();
    const link = dialog.getByRole('link', { name: 'Download' });
    expect(await link.getAttribute('download')).toBe('a-red-heart-4.png');
    await keep(page, 'enlarged');
    await page.keyboard.press('Escape');
    await expect.poll(() => dialog.isVisible()).toBe(false);
  });

  it('whispers in a note that can be dismissed, and gives the line back', async () => {
    const { page, line } = await open();
    await line.fill('hello there');
    await line.press('Enter');
    await page.getByText('put /imagine in front').first().waitFor();
    await page.getByText('Only you can see this').waitFor();
    expect(await line.inputValue()).toBe('hello there');
    await page.getByRole('button', { name: 'Dismiss' }).click();
    expect(await page.getByText('Only you can see this').count()).toBe(0);
    await page.reload();
    await page.getByRole('heading', { name: 'Nothing developed yet' }).waitFor();
  });

  it('says why a picture failed, and copies its recipe', async () => {
    const opened = await open({ permissions: ['clipboard-read', 'clipboard-write'] });
    const { desk, page } = opened;
    const message = await imagine(opened, '/imagine a red heart');
    await desk.fail();
    await message.getByText('ran out of memory').waitFor();
    await message.getByRole('button', { name: 'Copy the recipe' }).click();
    await message.getByText('Copied').waitFor();
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(queuedView('a red heart').recipe);
    await keep(page, 'failed');
  });

  it('shows words as words, whatever they hold', async () => {
    const opened = await open();
    const text = '/imagine <img src=x onerror=alert(1)> קשת 🌈';
    const message = await imagine(opened, text);
    expect(await opened.page.locator('.said').textContent()).toBe(text);
    expect(await message.getByRole('heading').textContent()).toBe('<img src=x onerror=alert(1)> קשת 🌈');
  });

  it('loads older messages on scrolling up, and points to new ones below', async () => {
    const opened = await open();
    const { desk, page } = opened;
    for (let i = 0; i < 70; i++) {
      await desk.chat.post({ platform: 'console', channel: 'main' }, queuedView(`number ${i}`, `old-${i}`));
    }
    await page.reload();
    await page.getByRole('heading', { name: 'number 69', exact: true }).waitFor();
    expect(await page.getByRole('heading', { name: 'number 5', exact: true }).count()).toBe(0);
    const toTop = () => page.evaluate("document.querySelector('#scroller').scrollTop = 0");
    await expect
      .poll(async () => {
        await toTop();
        return page.locator('.bot').count();
      })
      .toBe(70);
    await toTop();
    await desk.chat.post({ platform: 'console', channel: 'main' }, queuedView('the newest', 'new'));
    await page.getByRole('button', { name: 'New messages' }).click();
    await expect.poll(() => page.getByRole('heading', { name: 'the newest' }).isVisible()).toBe(true);
    await expect.poll(() => page.getByRole('button', { name: 'New messages' }).isVisible()).toBe(false);
  });

  it('says when the connection is lost, and catches up when it is back', async () => {
    const opened = await open();
    const { desk, page } = opened;
    await imagine(opened, '/imagine a red heart');
    const port = Number(new URL(desk.chat.url).port);
    await desk.chat.stop();
    await page.getByText('Connection lost').waitFor();
    const again = new ScriptedDesk({ port, messages: desk.deps.messages });
    const ref = await again.chat.post(
      { platform: 'console', channel: 'main' },
      queuedView('meanwhile', 'job-9'),
    );
    await again.start();
    closing.push(() => again.chat.stop());
    await page.getByRole('heading', { name: 'meanwhile' }).waitFor();
    await expect.poll(() => page.getByText('Connection lost').isVisible()).toBe(false);
    await again.chat.remove(ref);
    await expect.poll(() => page.getByRole('heading', { name: 'meanwhile' }).count()).toBe(0);
    complaints.splice(0); // The browser reports each refused connection itself.
  });

  it.each(['light', 'dark'] as const)('can be read in %s', async (colorScheme) => {
    const opened = await open({ colorScheme });
    const { desk, page, line } = opened;
    expect(await page.evaluate(lowContrast)).toEqual([]);
    const message = await imagine(opened, '/imagine a red heart');
    await desk.finish();
    await picturesIn(message);
    await keep(page, `done-${colorScheme}`);
    await imagine(opened, '/imagine a rocket');
    await desk.fail();
    await line.fill('hello');
    await line.press('Enter');
    await page.getByText('Only you can see this').waitFor();
    await line.fill('/imagine a cat --');
    await page.getByRole('listbox').waitFor();
    expect(await page.evaluate(lowContrast)).toEqual([]);
    await keep(page, `states-${colorScheme}`);
  });

  it('fits a narrow phone without scrolling sideways', async () => {
    const opened = await open({ viewport: { width: 360, height: 740 }, hasTouch: true });
    const { desk, page, line } = opened;
    const message = await imagine(opened, `/imagine ${'averylongwordwithoutspaces'.repeat(5)}`);
    await desk.finish();
    await picturesIn(message);
    await keep(page, 'phone');
    await line.fill('/imagine a cat --');
    await page.getByRole('listbox').waitFor();
    await keep(page, 'phone-suggestions');
    for (const selector of ['html', '#scroller']) {
      const node = `document.querySelector('${selector}')`;
      expect(await page.evaluate(`${node}.scrollWidth - ${node}.clientWidth`)).toBe(0);
    }
  });
});
