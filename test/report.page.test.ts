// The report's page in a real browser, over a house of memory. CONSOLE_SCREENSHOTS=<folder> keeps what it looked like.

import type { BrowserContextOptions, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { closing, complaints, keep, newPage, noBrowser, useBrowser } from './support/console-page.ts';
import { lowContrast } from './support/contrast.ts';
import { discord, reportDesk, slack, utc } from './support/report-desk.ts';

type House = Awaited<ReturnType<typeof reportDesk>>;

async function house(now?: () => Date): Promise<House> {
  const made = await reportDesk(now);
  closing.push(() => made.desk.chat.stop());
  return made;
}

/** Two days of two servers. */
function fill({ drew }: House): void {
  for (let hour = 8; hour < 20; hour += 1) drew(utc(20, hour), { seconds: 600, wait: hour, channel: 'art' });
  drew(utc(22), { person: 'bob', seconds: 1800, wait: 95, channel: 'general', model: 'big' });
  drew(utc(22), { server: slack, person: 'cy', pictures: 1, seconds: 60, wait: 0, channel: 'C9' });
}

async function look({ url }: House, query = '', options: BrowserContextOptions = {}): Promise<Page> {
  const page = await newPage({ viewport: { width: 1280, height: 900 }, ...options });
  await page.goto(`${url}/report${query}`);
  await page.locator('#cards[aria-busy=false]').waitFor({ state: 'attached' });
  return page;
}

const value = (page: Page, name: string) => page.locator(`[data-value=${name}]`);
const list = (page: Page, facet: string) => page.locator(`[data-facet=${facet}] tbody tr`);
const pathOf = (page: Page): string => page.url().replace(/^https?:\/\/[^/]+/, '');

/** How many pixels of a drawing have a colour of the style sheet. Text, because it runs in the browser. */
const painted = (page: Page, card: string, ink: string): Promise<number> =>
  page.evaluate(`(() => {
    const probe = document.createElement('canvas').getContext('2d');
    probe.fillStyle = getComputedStyle(document.documentElement).getPropertyValue('${ink}').trim();
    probe.fillRect(0, 0, 1, 1);
    const wanted = probe.getImageData(0, 0, 1, 1).data.join();
    const canvas = document.querySelector('${card} canvas');
    if (!canvas) return 0;
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    let found = 0;
    for (let at = 0; at < data.length; at += 4) if (data.slice(at, at + 4).join() === wanted) found += 1;
    return found;
  })()`);

describe.skipIf(noBrowser)('the page of the report', { timeout: 60_000 }, () => {
  useBrowser();

  it('shows who used the GPU, on what, and how long people waited', async () => {
    const made = await house();
    fill(made);
    const page = await look(made);
    await expect.poll(() => value(page, 'time').textContent()).toBe('2 h 31 min');
    expect(await value(page, 'pictures').textContent()).toBe('53');
    expect(await value(page, 'requests').textContent()).toBe('14');
    expect(await value(page, 'people').textContent()).toBe('3');
    expect(await value(page, 'wait').textContent()).toBe('13 s');
    expect(await value(page, 'now').textContent()).toBe('Idle');
    expect(await page.locator('#period-words').textContent()).toBe('25 October – 23 November 2026 · UTC');
    expect(await list(page, 'person').locator('.who').allTextContents()).toEqual(['ada', 'bob', 'cy']);
    expect(await list(page, 'person').locator('.seconds').first().textContent()).toBe('2 h');
    expect(await list(page, 'channel').locator('.who').allTextContents()).toEqual([
      '#art',
      '#general',
      '#C9',
    ]);
    expect(await list(page, 'model').locator('.who').allTextContents()).toEqual(['emoji', 'big']);
    expect(await page.locator('[data-outcome=done]').textContent()).toBe('14');
    const ink = { days: '--time', waits: '--half' };
    for (const [card, name] of Object.entries(ink))
      await expect.poll(() => painted(page, `#${card}`, name)).toBeGreaterThan(100);
    await expect.poll(() => painted(page, '#days', '--pictures')).toBeGreaterThan(100);
    await keep(page, 'report');
  });

  it('counts the channels and models that it does not name', async () => {
    const made = await house();
    for (let i = 0; i < 12; i += 1) made.drew(utc(20, i), { channel: `c${i}`, model: `m${i % 11}` });
    const page = await look(made);
    const many = (facet: string) => page.locator(`[data-facet=${facet}] caption .soft`).textContent();
    await expect.poll(() => many('channel')).toBe('5 of 12');
    expect(await many('model')).toBe('5 of 11');
    await page.getByRole('radio', { name: 'Channels' }).check();
    await expect.poll(() => many('channel')).toBe('10 of 12');
  });

  it('asks for another period and another server, and the address says so', async () => {
    const made = await house();
    fill(made);
    const page = await look(made);
    await page.getByRole('radio', { name: '7 days' }).check();
    await expect.poll(() => pathOf(page)).toBe('/report?period=7d');
    await expect.poll(() => page.locator('#period-words').textContent()).toContain('17–23 November 2026');
    await page.getByRole('combobox', { name: 'Server' }).selectOption({ label: 'Slack workspace T1' });
    await expect.poll(() => value(page, 'time').textContent()).toBe('1 min');
    expect(pathOf(page)).toBe('/report?period=7d&server=slack/T1');
    await page.getByRole('radio', { name: 'Today' }).check();
    await page.getByRole('heading', { name: 'Nothing was drawn on this day.' }).waitFor();
    expect(await page.locator('#days').isVisible()).toBe(false);
    await page.goBack();
    await expect.poll(() => value(page, 'time').textContent()).toBe('1 min');
    expect(await page.locator('#empty').isVisible()).toBe(false);
    expect(await page.getByRole('radio', { name: '7 days' }).isChecked()).toBe(true);
  });

  it('opens as a shared link says: one list whole, of one server, in a period of its own', async () => {
    const made = await house();
    fill(made);
    const page = await look(made, '?period=2026-11-20..2026-11-22&by=person&server=discord/42');
    await expect.poll(() => list(page, 'person').count()).toBe(2);
    expect(await list(page, 'person').first().locator('th, td').allTextContents()).toEqual([
      'ada',
      '2 h',
      '80 %',
      '48',
      '12',
    ]);
    expect(await list(page, 'model').first().isVisible()).toBe(false);
    expect(await page.getByRole('textbox').inputValue()).toBe('2026-11-20..2026-11-22');
    await expect
      .poll(() => page.locator('#csv').getAttribute('href'))
      .toBe('/api/report.csv?period=2026-11-20..2026-11-22&server=discord%2F42');
    await page.getByRole('radio', { name: 'Models' }).check();
    expect(await list(page, 'model').locator('.who').allTextContents()).toEqual(['emoji', 'big']);
    expect(pathOf(page)).toContain('by=model');
    const download = page.waitForEvent('download');
    await page.getByRole('link', { name: 'CSV' }).click();
    expect((await download).suggestedFilename()).toBe('darkroom-2026-11-20-2026-11-22.csv');
  });

  it('follows the queue: what is drawn, what waits, and what that made', async () => {
    const made = await house(() => new Date());
    const page = await look(made);
    await page.getByText('Live', { exact: true }).waitFor();
    await made.say({ kind: 'imagine', text: 'a cat --n 2' });
    await made.say({ kind: 'imagine', text: 'a dog --n 1' });
    const now = page.locator('.tile.now');
    await expect.poll(() => now.textContent()).toContain('1 drawing1 waiting');
    made.painters.easels[0]!.finish();
    await expect.poll(() => now.textContent()).toContain('1 drawing0 waiting');
    await expect.poll(() => value(page, 'pictures').textContent(), { timeout: 10_000 }).toBe('2');
    await expect.poll(() => list(page, 'person').locator('.who').allTextContents()).toEqual(['Ada']);
    await expect.poll(() => made.painters.easels.length).toBe(2);
    made.painters.easels[1]!.finish();
    await expect.poll(() => value(page, 'pictures').textContent(), { timeout: 10_000 }).toBe('3');
    await expect.poll(() => now.textContent()).toContain('Idle');
  });

  it('draws the period that was chosen while its table was up', async () => {
    const made = await house();
    fill(made);
    const page = await look(made, '', { reducedMotion: 'reduce' });
    const drawn = (): Promise<unknown> =>
      page.evaluate("document.querySelector('#days canvas')?.toDataURL()");
    const table = page.locator('#days').getByRole('button', { name: 'Show as table' });
    const choose = (days: string) => page.getByRole('radio', { name: days }).check();
    await expect.poll(drawn).toBeTruthy();
    const month = await drawn();
    await table.click();
    await choose('7 days');
    await expect.poll(() => page.locator('#period-words').textContent()).toContain('17');
    await table.click();
    await expect.poll(drawn).not.toBe(month);
    const week = await drawn();
    await choose('30 days');
    await expect.poll(drawn).toBe(month);
    await choose('7 days');
    await expect.poll(drawn).toBe(week);
  });

  it('says what is wrong with a period, and keeps the numbers that it has', async () => {
    const made = await house();
    fill(made);
    const page = await look(made);
    await expect.poll(() => value(page, 'requests').textContent()).toBe('14');
    await page.getByRole('radio', { name: 'Other…' }).check();
    await page.keyboard.type('soon');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').getByText('A period is today').waitFor();
    expect(await value(page, 'requests').textContent()).toBe('14');
    await keep(page, 'report-wrong');
    await page.getByRole('textbox').fill('yesterday');
    await page.keyboard.press('Enter');
    await expect.poll(() => value(page, 'requests').textContent()).toBe('2');
    expect(await page.getByText('A period is today').isVisible()).toBe(false);
    expect(complaints.splice(0)).toEqual([expect.stringContaining('422')]);
  });

  it('says that it is for admins, that nobody answers, and that all is well again', async () => {
    const made = await house();
    const page = await look(made);
    const answer = (status: number) =>
      page.route('**/api/report?*', (route) =>
        route.fulfill({ status, json: { error: 'Only for admins.' } }),
      );
    await page.route('**/api/report?*', (route) => route.abort());
    await page.getByRole('radio', { name: 'Today' }).check();
    await page.getByText('Darkroom does not answer. Is it still running?').waitFor();
    await page.unrouteAll();
    await page.getByRole('radio', { name: '7 days' }).check();
    await expect.poll(() => page.locator('#banner').isVisible()).toBe(false);
    await answer(403);
    await page.getByRole('radio', { name: 'Today' }).check();
    await page.getByText('Only for admins.').waitFor();
    expect(await page.locator('#cards').isVisible()).toBe(false);
    complaints.length = 0;
  });

  it('shows every drawing as a table, and tells each day by the arrow keys', async () => {
    const made = await house();
    fill(made);
    const page = await look(made, '?period=2026-11-20..2026-11-22');
    const days = page.locator('#days');
    const drawing = days.getByRole('img');
    await expect.poll(() => painted(page, '#days', '--time')).toBeGreaterThan(100);
    expect(await drawing.getAttribute('aria-label')).toContain('Friday 20 November 2026: 2 h, 48 pictures');
    await drawing.focus();
    await page.keyboard.press('End');
    expect(await days.getByRole('status').innerText()).toMatch(
      /Sunday 22 November 2026\s+31 min of device time/,
    );
    await page.keyboard.press('ArrowLeft');
    expect(await days.getByRole('status').innerText()).toContain('Saturday 21 November 2026');
    await page.keyboard.press('Escape');
    expect(await days.getByRole('status').isVisible()).toBe(false);
    await days.getByRole('button', { name: 'Show as table' }).click();
    expect(await drawing.isVisible()).toBe(false);
    expect(await days.locator('tbody tr').first().locator('th, td').allTextContents()).toEqual([
      'Sunday 22 November 2026',
      '31 min',
      '5',
      '2',
    ]);
    await page.locator('#waits').getByRole('button', { name: 'Show as table' }).press('Enter');
    expect(await page.locator('#waits tbody tr').allTextContents()).toEqual([
      'Sunday 22 November 20261 s1 min 35 s',
      'Friday 20 November 202613 s19 s',
    ]);
  });

  it('has its tables where the charts can not be had', async () => {
    const made = await house();
    fill(made);
    const page = await newPage();
    await page.route('**/page/echarts.js', (route) => route.abort());
    await page.goto(`${made.url}/report`);
    await page.getByRole('region', { name: 'Day by day, as a table' }).waitFor();
    await page.getByRole('region', { name: 'How long people waited, as a table' }).waitFor();
    expect(complaints.splice(0).join()).toContain('ERR_FAILED');
  });

  it('takes no name for markup', async () => {
    const made = await house();
    made.drew(utc(22), { person: '<img src=x onerror=alert(1)>', channel: '<b>art</b>' });
    const page = await look(made);
    await expect
      .poll(() => list(page, 'person').locator('.who').textContent())
      .toBe('<img src=x onerror=alert(1)>');
    expect(await page.locator('.who img, .who b').count()).toBe(0);
  });

  it('is reached from the chat, and leads back', async () => {
    const made = await house();
    const page = await newPage();
    await page.goto(made.url);
    await page.getByRole('link', { name: 'Report' }).click();
    await page.getByRole('heading', { name: 'Nothing was drawn in these days.' }).waitFor();
    await page.getByRole('link', { name: 'Chat', exact: true }).click();
    await page.getByRole('combobox', { name: 'Message' }).waitFor();
    expect(pathOf(page)).toBe('/');
  });

  it.each(
    (['dark', 'light'] as const).flatMap((colorScheme) =>
      [1280, 800, 375].map((width) => [colorScheme, width] as const),
    ),
  )('is readable and fits: %s, %i wide', async (colorScheme, width) => {
    const made = await house();
    fill(made);
    await made.rules.change(discord, { id: 'eve', name: 'Eve' }, 'limit', (own) => ({
      rules: { ...own, limits: [{ who: 'server', unit: 'pictures', per: 'month', amount: 60 }] },
      said: '',
    }));
    const page = await look(made, '?server=discord/42', { colorScheme, viewport: { width, height: 900 } });
    await expect.poll(() => painted(page, '#days', '--time')).toBeGreaterThan(50);
    await page.getByText('87 % used').waitFor();
    const wide = (): Promise<number> => page.evaluate('document.documentElement.scrollWidth');
    expect(await page.evaluate(lowContrast)).toEqual([]);
    expect(await wide()).toBe(width);
    await keep(page, `report-${colorScheme}-${width}`);
    await page.getByRole('radio', { name: 'People' }).check();
    await page.locator('#days').getByRole('button').click();
    expect(await page.evaluate(lowContrast)).toEqual([]);
    expect(await wide()).toBe(width);
    await page.locator('#ranks').scrollIntoViewIfNeeded();
    await keep(page, `report-${colorScheme}-${width}-table`);
  });
});
