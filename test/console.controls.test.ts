// What can be done on the console's page, in a real browser: the buttons under a message, reactions, remixing, a
// picture to start from, and notes.

import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import {
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
import { heart } from './support/hearts.ts';

/** The picture as a person would paste it. */
async function paste(page: Page, bytes: Uint8Array, type = 'image/png'): Promise<void> {
  const base64 = Buffer.from(bytes).toString('base64');
  await page.evaluate(`(() => {
    const bytes = Uint8Array.from(atob('${base64}'), (letter) => letter.charCodeAt(0));
    const clipboardData = new DataTransfer();
    clipboardData.items.add(new File([bytes], 'a file', { type: '${type}' }));
    document.querySelector('#line').dispatchEvent(
      new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }),
    );
  })()`);
}

const smallTargets = `[...document.querySelectorAll('button, a')]
  .filter((node) => node.checkVisibility())
  .map((node) => [node.textContent.trim() || node.getAttribute('aria-label'), node.getBoundingClientRect()])
  .filter(([, { width, height }]) => width < 24 || height < 24)
  .map(([name, { width, height }]) => name + ' ' + width + 'x' + height)`;

describe.skipIf(noBrowser)('controls on the console page', { timeout: 60_000 }, () => {
  useBrowser();

  it('every picture has its own upscale and vary, in a row each', async () => {
    const opened = await open();
    const { desk, page } = opened;
    const message = await imagine(opened, '/imagine a red heart');
    await desk.finish();
    await picturesIn(message);
    for (const name of ['Upscale', 'Vary']) {
      const row = message.getByRole('group', { name, exact: true });
      expect(await row.getByRole('button').count()).toBe(4);
      const tops = await row.getByRole('button').evaluateAll((nodes) => nodes.map((node) => node.offsetTop));
      expect(new Set(tops).size).toBe(1);
    }
    await message.getByRole('button', { name: 'Upscale 2' }).click();
    await page.locator('.bot').nth(1).waitFor();
    await page.locator('.bot').first().getByRole('button', { name: 'Vary 4' }).press('Enter');
    await page.locator('.bot').nth(2).waitFor();
    expect(desk.intents.slice(1)).toMatchObject([
      { kind: 'upscale', index: 1 },
      { kind: 'vary', index: 3 },
    ]);
  });

  it('one picture has them in sequence, named in words, and a private one can be shared', async () => {
    const opened = await open();
    const { desk, page } = opened;
    const message = await imagine(opened, '/imagine a red heart --n 1 --private');
    await desk.finish();
    await message.locator('.picture[data-here]').waitFor();
    const names = await message.locator('.control').allTextContents();
    expect(names).toEqual(['⬆️Upscale', '🎨Vary', '🔁Again', '✏️Remix', '📢Share', '🗑️Delete']);
    await message.getByRole('button', { name: 'Share' }).click();
    await expect.poll(() => desk.intents[1]?.kind).toBe('share');
    await message.locator('.control', { hasText: 'Upscale' }).click();
    await page.locator('.bot').nth(1).waitFor();
    expect(desk.intents[2]).toMatchObject({ kind: 'upscale', index: 0 });
  });

  it('a running picture can be stopped and kept', async () => {
    const opened = await open();
    const { desk, page } = opened;
    await imagine(opened, '/imagine a red heart');
    await desk.step(9);
    await page.getByRole('button', { name: 'Stop & keep' }).click();
    await expect.poll(() => desk.intents.map(({ kind }) => kind)).toEqual(['imagine', 'keep']);
    await keep(page, 'stop-and-keep');
  });

  it('a remix begins with the draft and is sent over its message', async () => {
    const opened = await open();
    const { desk, page, line } = opened;
    const message = await imagine(opened, '/imagine a red heart --n 2');
    await desk.finish();
    const id = await message.getAttribute('data-id');
    await line.fill('half a thought');
    await message.getByRole('button', { name: 'Remix' }).click();
    await page.getByText('Remixing “a red heart”').waitFor();
    await expect.poll(() => line.inputValue()).toMatch(/^a red heart --.*--n 2/);
    expect(await line.inputValue()).not.toContain('--seed');
    await keep(page, 'remix');
    await page.keyboard.type(' made of glass');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'a red heart made of glass' }).waitFor();
    expect(desk.intents[1]).toMatchObject({ kind: 'remix', post: { channel: 'main', message: id } });
    await expect.poll(() => page.getByText('Remixing').isVisible()).toBe(false);
    expect(await line.inputValue()).toBe('half a thought');
  });

  it('a remix is left by Escape, or by a command', async () => {
    const opened = await open();
    const { desk, page, line } = opened;
    const message = await imagine(opened, '/imagine a red heart');
    await desk.finish();
    await message.getByRole('button', { name: 'Remix' }).click();
    await page.getByText('Remixing').waitFor();
    await line.fill('a red heart --st');
    expect(await page.getByRole('option').first().textContent()).toContain('--steps');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    await expect.poll(() => page.getByText('Remixing').isVisible()).toBe(false);
    expect(await line.inputValue()).toBe('');
    await message.getByRole('button', { name: 'Remix' }).press('Enter');
    await page.getByText('Remixing').waitFor();
    await line.fill('/history');
    await line.press('Enter');
    await page.getByText('Only you can see this').waitFor();
    expect(await page.getByText('Remixing').isVisible()).toBe(false);
    expect(desk.intents.map(({ kind }) => kind)).toEqual(['imagine', 'history']);
  });

  it('reactions come with focus, and a star shows whether it is set, after a reload too', async () => {
    const opened = await open();
    const { desk, page } = opened;
    const message = await imagine(opened, '/imagine a red heart');
    expect(await message.getByRole('group', { name: 'Reactions' }).isVisible()).toBe(false);
    await desk.finish();
    await page.mouse.move(0, 0);
    const star = message.getByRole('button', { name: 'Favorite' });
    const opacity = () =>
      page.evaluate("getComputedStyle(document.querySelector('[data-reaction=favorite]')).opacity");
    expect(await opacity()).toBe('0');
    await star.focus();
    expect(await opacity()).toBe('1');
    await keep(page, 'reactions');
    await star.press('Enter');
    await expect.poll(() => star.getAttribute('aria-pressed')).toBe('true');
    await page.reload();
    await expect.poll(() => star.getAttribute('aria-pressed')).toBe('true');
    await expect.poll(opacity).toBe('1');
    await star.click();
    await expect.poll(() => star.getAttribute('aria-pressed')).toBe('false');
    expect(desk.intents.slice(1)).toMatchObject([
      { kind: 'favorite', on: true },
      { kind: 'favorite', on: false },
    ]);
  });

  it('reactions rerun, upscale, send and, asked twice, delete', async () => {
    const opened = await open();
    const { desk, page } = opened;
    await imagine(opened, '/imagine a red heart');
    await desk.finish();
    const message = page.locator('.bot').first();
    await message.hover();
    const react = (name: string) => message.getByRole('button', { name: `React with ${name}` }).click();
    await react('🔁');
    await page.locator('.bot').nth(1).waitFor();
    await react('⬆');
    await page.locator('.bot').nth(2).waitFor();
    await react('✉');
    await page.getByAltText('a red heart: drawn by the model emoji, picture 3 of 4').nth(1).waitFor();
    await page.getByText('7, 8, 9, 10').waitFor();
    await react('❌');
    expect(await page.locator('.bot').count()).toBe(3);
    await message.getByRole('button', { name: 'Press again to delete' }).click();
    await expect.poll(() => page.locator('.bot').count()).toBe(2);
    expect(desk.intents.map(({ kind }) => kind)).toEqual(['imagine', 'rerun', 'upscale', 'send', 'end']);
  });

  it('a pasted picture becomes the beginning of the line, and can be taken away', async () => {
    const opened = await open();
    const { desk, page, line } = opened;
    await paste(page, await heart(0));
    const chip = page.getByRole('group', { name: 'Picture to start from' });
    await chip.getByAltText('The picture to start from').waitFor();
    expect(await line.inputValue()).toBe('/imagine ');
    await chip.getByRole('button', { name: 'Remove the picture' }).click();
    expect(await chip.isVisible()).toBe(false);
    await paste(page, await heart(120));
    await chip.getByAltText('The picture to start from').waitFor();
    await page.keyboard.type('a green heart');
    await keep(page, 'picture-to-start-from');
    await page.keyboard.press('Enter');
    await page.locator('.bot').waitFor();
    expect(desk.intents).toMatchObject([{ kind: 'imagine', text: 'a green heart --image brought-2' }]);
    expect(await chip.isVisible()).toBe(false);
    expect(await page.locator('.said').textContent()).toBe('/imagine a green heart');
    await page.locator('.person').getByAltText('The picture it starts from').waitFor();
  });

  it('a chosen picture stays with a line that is not taken, and what is none is refused', async () => {
    const { page, line } = await open();
    const chosen = page.waitForEvent('filechooser');
    await page.getByRole('button', { name: 'Add a picture to start from' }).click();
    await (
      await chosen
    ).setFiles({ name: 'heart.png', mimeType: 'image/png', buffer: Buffer.from(await heart(0)) });
    await page.getByText('Starts from this picture').waitFor();
    await line.fill('a red heart');
    await line.press('Enter');
    await page.getByText('put /imagine in front').first().waitFor();
    expect(await line.inputValue()).toBe('a red heart');
    expect(await page.getByText('Starts from this picture').isVisible()).toBe(true);
    await paste(page, Uint8Array.of(1, 2, 3));
    await page.getByText('That is not a picture that I can read.').first().waitFor();
    await expect.poll(() => page.locator('#chip').isVisible()).toBe(false);
    await paste(page, Uint8Array.of(1, 2, 3), 'text/plain');
    await page.getByText('a file is not a picture.').first().waitFor();
    complaints.splice(0); // The browser reports the refused upload itself.
  });

  it('a drawn picture becomes the beginning of the next', async () => {
    const opened = await open();
    const { desk, page, line } = opened;
    const message = await imagine(opened, '/imagine a red heart');
    await desk.finish();
    await (await picturesIn(message)).nth(2).click();
    await page.getByRole('button', { name: 'Start from this' }).click();
    await page.getByText('Starts from this picture').waitFor();
    expect(await line.inputValue()).toBe('/imagine ');
    await page.keyboard.type('a blue heart');
    await page.keyboard.press('Enter');
    await expect.poll(() => desk.intents[1]).toMatchObject({ text: 'a blue heart --image job-1-2' });
  });

  it('a note lists lines to copy and links that lead to their messages, however far up', async () => {
    const opened = await open({ permissions: ['clipboard-read', 'clipboard-write'] });
    const { desk, page, line } = opened;
    await imagine(opened, '/imagine a red heart');
    await desk.finish();
    for (let i = 0; i < 40; i++) {
      await desk.chat.post(
        { platform: 'console', channel: 'main' },
        queuedView(jobOf(`number ${i}`, `x${i}`)),
      );
    }
    await page.reload();
    await page.getByRole('heading', { name: 'number 39', exact: true }).waitFor();
    await line.fill('/history');
    await line.press('Enter');
    const note = page.locator('.note');
    await note.getByText('job-1', { exact: true }).waitFor();
    await keep(page, 'history');
    await note.getByRole('button', { name: 'Copy the line' }).click();
    await note.getByText('Copied').waitFor();
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe('job-1');
    await note.getByRole('link', { name: 'a red heart: Done' }).click();
    await expect.poll(() => page.locator('.bot:focus .prompt').textContent()).toBe('a red heart');
    const id = await page.locator('.bot:focus').getAttribute('data-id');
    await page.goto('about:blank');
    await page.goto(`${desk.chat.url}/#${id}`);
    await expect.poll(() => page.locator('.bot:focus').getAttribute('data-id')).toBe(id);
    await page.evaluate("location.hash = 'none'");
    await page.getByText('That message was deleted.').first().waitFor();
  });

  it('help tells every command, and the line suggests what can stand in it', async () => {
    const { page, line } = await open();
    await line.fill('/help');
    await line.press('Enter');
    await page.locator('.note').getByText('/history favorites: Your latest').waitFor();
    await page.locator('.note').getByText('keeps it among your favorites').waitFor();
    const offered = () => page.getByRole('option').locator('.suggestion-word').allTextContents();
    await line.fill('/');
    expect(await offered()).toEqual(expect.arrayContaining(['/imagine', '/again', '/queue', '/settings']));
    await keep(page, 'commands');
    await line.fill('/history ');
    expect(await offered()).toEqual(['favorites']);
    await line.fill('/settings --st');
    expect(await offered()).toEqual(['--steps', '--style', '--strength', '--stop']);
    await line.fill('/imagine a cat --style ');
    expect(await page.getByRole('option').textContent()).toContain('Black ink on paper');
    await line.fill('/imagine --private a cat');
    expect(await page.getByRole('listbox').isVisible()).toBe(false);
    await line.fill('/imagine a cat --private --se');
    expect(await offered()).toEqual(['--seed']);
  });

  it.each([
    ['desktop', { viewport: { width: 1280, height: 900 } }],
    ['phone', { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }],
  ] as const)('on a %s all can be read and pressed, light or dark', async (name, options) => {
    const opened = await open(options);
    const { desk, page, line } = opened;
    await imagine(opened, '/imagine a red heart');
    const message = page.locator('.bot').first();
    await desk.finish();
    await picturesIn(message);
    await message.getByRole('button', { name: 'Favorite' }).press('Enter');
    await keep(page, `${name}-grid`);
    await line.fill('/history');
    await line.press('Enter');
    await page.getByText('Only you can see this').waitFor();
    await imagine(opened, '/imagine a rocket --n 1');
    await desk.step(9);
    await paste(page, await heart(40));
    await page.getByText('Starts from this picture').waitFor();
    await message.getByRole('button', { name: 'Remix' }).press('Enter');
    await page.getByText('Remixing').waitFor();
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await keep(page, `${name}-${colorScheme}`);
      expect(await page.evaluate(lowContrast)).toEqual([]);
    }
    expect(await page.evaluate(smallTargets)).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBe(0);
  });
});
