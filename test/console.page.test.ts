// The console's page in a real browser: sending, watching, the history, and how it looks.

import { describe, expect, it } from 'vitest';
import {
  closing,
  complaints,
  imagine,
  keep,
  open,
  picturesIn,
  noBrowser,
  useBrowser,
} from './support/console-page.ts';
import { jobOf, queuedView } from './support/console-views.ts';
import { lowContrast } from './support/contrast.ts';
import { ScriptedDesk } from './support/scripted-desk.ts';

describe.skipIf(noBrowser)('the console page', { timeout: 60_000 }, () => {
  useBrowser();

  it('invites with examples, and pressing one draws it', async () => {
    const { desk, page } = await open();
    await page.getByRole('heading', { name: 'Nothing developed yet' }).waitFor();
    await keep(page, 'empty');
    await page.getByRole('button', { name: 'a green apple' }).click();
    await page.locator('.bot').getByText('Next in line').waitFor();
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
    await message.getByAltText('a red heart: a preview at step 7 of 25').waitFor();
    await keep(page, 'running');
    await desk.finish();
    const pictures = await picturesIn(message);
    expect(await pictures.count()).toBe(4);
    expect(await pictures.nth(1).getAttribute('alt')).toContain(
      'a red heart: drawn by the model emoji, picture 2 of 4',
    );
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
    await expect.poll(() => spoken.textContent()).toBe('a red heart: Developing, step 1 of 25');
    await desk.step(2);
    await page.locator('.headline', { hasText: 'step 2' }).waitFor();
    expect(await spoken.textContent()).toBe('a red heart: Developing, step 1 of 25');
    await desk.finish();
    await expect.poll(() => spoken.textContent()).toContain('4 pictures of a red heart ready');
  });

  it('reruns by button and by reaction, and varies one picture', async () => {
    const opened = await open();
    const { desk, page } = opened;
    const message = await imagine(opened, '/imagine a red heart');
    await desk.finish();
    const first = page.locator('.bot').first();
    await first.getByRole('button', { name: 'Again', exact: true }).click();
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

  it('cancels, and keeps no empty sheet', async () => {
    const opened = await open();
    const { desk, page } = opened;
    await imagine(opened, '/imagine a red heart');
    await desk.step(3);
    await page.getByRole('button', { name: 'Cancel', exact: true }).click();
    await page.locator('.headline', { hasText: 'Canceled' }).waitFor();
    expect(await page.locator('.sheet').first().isVisible()).toBe(false);
    expect(desk.intents.map((intent) => intent.kind)).toEqual(['imagine', 'cancel']);
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
    await page.getByAltText('a rocket: a preview at step 9 of 25').waitFor();
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
    // Without a picture there is none to upscale, to send or to mark.
    expect(await message.locator('.reaction').allTextContents()).toEqual(['🔁', '❌']);
    await message.getByRole('button', { name: 'Copy the recipe' }).click();
    await message.getByText('Copied').waitFor();
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(
      queuedView(jobOf('a red heart')).recipe,
    );
    await keep(page, 'failed');
  });

  it('shows words as words, whatever they hold', async () => {
    const opened = await open();
    const text = '/imagine <img src=x onerror=alert(1)> קשת 🌈';
    const message = await imagine(opened, text);
    expect(await opened.page.locator('.said').textContent()).toBe(text);
    expect(await message.getByRole('heading').textContent()).toBe('<img src=x onerror=alert(1)> קשת 🌈');
  });

  it('names who asked on another platform', async () => {
    const { desk, page } = await open();
    const ada = { platform: 'discord', id: '1', name: '<b>Ada</b>' };
    const job = { ...jobOf('a red heart'), requester: ada };
    await desk.chat.post({ platform: 'console', channel: 'main' }, queuedView(job));
    expect(await page.locator('.bot').getByText('Asked by').textContent()).toBe('Asked by <b>Ada</b>');
  });

  it('loads older messages on scrolling up, and points to new ones below', async () => {
    const opened = await open();
    const { desk, page } = opened;
    for (let i = 0; i < 70; i++) {
      await desk.chat.post(
        { platform: 'console', channel: 'main' },
        queuedView(jobOf(`number ${i}`, `old-${i}`)),
      );
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
    await desk.chat.post({ platform: 'console', channel: 'main' }, queuedView(jobOf('the newest', 'new')));
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
      queuedView(jobOf('meanwhile', 'job-9')),
    );
    await again.start();
    closing.push(() => again.chat.stop());
    await page.getByRole('heading', { name: 'meanwhile' }).waitFor();
    await expect.poll(() => page.getByText('Connection lost').isVisible()).toBe(false);
    await again.chat.remove(ref);
    await expect.poll(() => page.getByRole('heading', { name: 'meanwhile' }).count()).toBe(0);
    complaints.splice(0); // The browser reports each refused connection itself.
  });

  it('can be read in every state, light or dark', async () => {
    const opened = await open();
    const { desk, page, line } = opened;
    const readable = async (name: string) => {
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        expect(await page.evaluate(lowContrast)).toEqual([]);
        await keep(page, `${name}-${colorScheme}`);
      }
    };
    await readable('nothing');
    await imagine(opened, '/imagine a rocket');
    await desk.fail();
    await line.fill('hello');
    await line.press('Enter');
    await page.getByText('Only you can see this').waitFor();
    await line.fill('/imagine a cat --');
    await page.getByRole('listbox').waitFor();
    await readable('states');
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
