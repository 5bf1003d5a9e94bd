import type { Page } from 'puppeteer-core';

/** The page under test, and its server. */
export interface OpenDashboard {
  readonly page: Page;
  readonly url: string;
  /** Of the server. */
  readonly port: number;
}

export async function openView({ page, url }: OpenDashboard, view: string): Promise<void> {
  await page.goto(`${url}/#/${view}`);
  await page.waitForSelector('h1');
}
