// Signing in to the console, in a browser: by the password, by an invitation's link, and out again.

import type { BrowserContextOptions, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import {
  closing,
  complaints,
  keep,
  newPage,
  noBrowser,
  picturesIn,
  useBrowser,
} from './support/console-page.ts';
import { ScriptedDesk } from './support/scripted-desk.ts';

const password = 'correct horse battery';

async function desk(): Promise<ScriptedDesk> {
  const made = new ScriptedDesk({ password, maySeePicture: async () => true });
  await made.start();
  closing.push(() => made.chat.stop());
  return made;
}

async function arrive(url: string, options?: BrowserContextOptions): Promise<Page> {
  const page = await newPage(options);
  await page.goto(url);
  return page;
}

async function signIn(page: Page, secret = password): Promise<void> {
  await page.getByLabel('Key or password').fill(secret);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

const line = (page: Page) => page.getByRole('combobox');

/** Until the page is whole. */
const isIn = (page: Page): Promise<void> => page.getByText('Emoji', { exact: true }).waitFor();

/** The owner's page, and the link by which somebody is let in. */
async function invitation(url: string): Promise<{ owner: Page; link: string }> {
  const owner = await arrive(url);
  await signIn(owner);
  await isIn(owner);
  await line(owner).fill('/people invite anna');
  await line(owner).press('Enter');
  return { owner, link: (await owner.locator('.note code').first().textContent())! };
}

describe.skipIf(noBrowser)('the page on which people sign in', () => {
  useBrowser();

  it.each(['light', 'dark'] as const)('is where everyone arrives first, in %s', async (colorScheme) => {
    const { chat } = await desk();
    const page = await arrive(chat.url, { colorScheme });
    await page.getByRole('heading', { name: 'Darkroom' }).waitFor();
    expect(new URL(page.url()).pathname).toBe('/sign-in');
    expect(await page.evaluate('document.activeElement.id')).toBe('secret');
    await keep(page, `sign-in-${colorScheme}`);
  });

  it('says what is wrong, and lets in who has the password', async () => {
    const { chat } = await desk();
    const page = await arrive(chat.url);
    await signIn(page, 'something else');
    await page.getByText('That is not known here. Whoever runs this Darkroom can invite you.').waitFor();
    expect(complaints.splice(0).join()).toContain('401');
    await keep(page, 'sign-in-refused');
    await signIn(page);
    await isIn(page);
    expect(new URL(page.url()).pathname).toBe('/');
    await page.getByText('Owner', { exact: true }).waitFor();
    await page.reload();
    await isIn(page);
  });

  it('takes the key out of an invitation’s link and out of the address, and the guest draws', async () => {
    const made = await desk();
    const { owner, link } = await invitation(made.chat.url);
    await keep(owner, 'invitation');
    const guest = await arrive(link);
    await isIn(guest);
    expect(guest.url()).not.toContain('#');
    await guest.getByText('anna', { exact: true }).waitFor();
    expect(await guest.getByRole('link', { name: 'Report' }).isVisible()).toBe(false);
    await line(guest).fill('/imagine a rocket');
    await line(guest).press('Enter');
    await guest.locator('.bot').getByText('Next in line').waitFor();
    await made.finish();
    await picturesIn(guest.locator('.bot'));
    await keep(guest, 'guest');
    expect(await owner.getByText('a rocket').count()).toBe(0);
  });

  it('leads on to the message that a link from elsewhere names, signed in before or not', async () => {
    const made = await desk();
    const page = await arrive(`${made.chat.url}/#0199-no-such-message`);
    await page.getByLabel('Key or password').waitFor();
    await signIn(page);
    await page.getByText('That message was deleted.').first().waitFor();
    expect(new URL(page.url()).hash).toBe('#0199-no-such-message');
    const again = await page.context().newPage();
    await again.goto(`${made.chat.url}/sign-in#0199-no-such-message`);
    await isIn(again);
    expect(new URL(again.url()).hash).toBe('#0199-no-such-message');
  });

  it('asks before it makes somebody who is signed in somebody else', async () => {
    const made = await desk();
    const { owner, link } = await invitation(made.chat.url);
    await owner.goto(link);
    await owner.getByText('You are signed in as Owner.').waitFor();
    await owner.goto(made.chat.url);
    await owner.getByText('Owner', { exact: true }).waitFor();
    await owner.goto('about:blank');
    await owner.goto(link);
    await owner.getByText('You are signed in as Owner.').waitFor();
    await owner.getByRole('button', { name: 'Sign in' }).click();
    await owner.getByText('anna', { exact: true }).waitFor();
    expect(await owner.getByRole('link', { name: 'Report' }).isVisible()).toBe(false);
  });

  it('comes back when somebody signs out, or is removed while they look on', async () => {
    const made = await desk();
    const { owner, link } = await invitation(made.chat.url);
    const guest = await arrive(link);
    await isIn(guest);
    await line(owner).fill('/people remove anna');
    await line(owner).press('Enter');
    await guest.waitForURL('**/sign-in');
    complaints.length = 0; // the feed was refused
    await owner.getByRole('button', { name: 'Sign out' }).click();
    await owner.waitForURL('**/sign-in');
    await owner.goto(made.chat.url);
    await owner.getByLabel('Key or password').waitFor();
    expect(await line(owner).count()).toBe(0);
  });
});
