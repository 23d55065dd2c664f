// @ts-check
// The workbench in a headless browser, driven as a user would: palette, quick inputs, notifications, webviews.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { installTestBed } from './install.mjs';
import { REPOSITORY } from './server.mjs';
import { scaled } from './timeouts.mjs';

const SCREENSHOTS = join(REPOSITORY, 'test/results/screenshots');

/** @returns {Promise<import('playwright-core').Browser>} */
export async function launchBrowser() {
  const { chromium: executablePath } = await installTestBed();
  return chromium.launch({
    executablePath,
    headless: true,
    args: [
      ...['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu'],
      ...['--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run', '--mute-audio'],
    ],
  });
}

/**
 * One row of a quick pick.
 * @typedef {{label: string, description: string, detail: string}} QuickPickItem
 */

export class Workbench {
  /** @param {import('playwright-core').Page} page */
  constructor(page) {
    this.page = page;
    /** Faults of pages and webviews since the start. */
    this.errors = /** @type {string[]} */ ([]);
    page.on('pageerror', (error) => this.errors.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error') this.errors.push(message.text());
    });
    this.quickInput = new QuickInput(page);
  }

  /**
   * Opens a workbench and waits until it is usable.
   * @param {import('playwright-core').Browser} browser
   * @param {string} address of {@link import('./server.mjs').Server.workbenchAddress}
   * @param {{prepare?: (page: import('playwright-core').Page) => Promise<void>}} [options] `prepare` runs before the page loads
   */
  static async open(browser, address, { prepare } = {}) {
    const context = await browser.newContext({
      viewport: { width: 1400, height: 900 },
      reducedMotion: 'reduce',
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    const page = await context.newPage();
    page.setDefaultTimeout(scaled(30_000));
    const workbench = new Workbench(page);
    await prepare?.(page);
    await page.goto(address, { timeout: scaled(60_000) });
    await workbench.waitUntilReady();
    return workbench;
  }

  async waitUntilReady() {
    await this.page.locator('.monaco-workbench .part.statusbar').waitFor({ timeout: scaled(90_000) });
  }

  /** As a user does it, so that the workbench keeps what it would keep. */
  async reload() {
    const loaded = this.page.waitForEvent('load', { timeout: scaled(60_000) });
    await this.runCommand('Developer: Reload Window');
    await loaded;
    await this.waitUntilReady();
  }

  /** @param {string} title as the palette shows it, category and all */
  async runCommand(title) {
    await this.#chooseWith('F1', `>${title}`, title);
  }

  /**
   * A palette that was opened before a command was enabled does not learn of it, and a quick input that was opened while a page was
   * taking the focus is gone again: it is opened anew until what was asked for could be chosen.
   * @param {string} key that opens the quick input
   * @param {string} text typed into it
   * @param {string} row exactly the label of the row that is chosen
   */
  async #chooseWith(key, text, row) {
    const deadline = Date.now() + scaled(30_000);
    for (;;) {
      await this.quickInput.openWith(key);
      try {
        await this.quickInput.type(text, { timeout: scaled(3000) });
        await this.quickInput.pick(row, { timeout: scaled(3000) });
        return;
      } catch (error) {
        if (Date.now() > deadline) throw error;
        await this.quickInput.dismiss();
      }
    }
  }

  /**
   * Through the palette, since the server does not watch its user settings.
   * @param {'Dark Modern' | 'Light Modern' | 'Dark High Contrast' | 'Light High Contrast'} name
   */
  async useTheme(name) {
    await this.runCommand('Preferences: Color Theme');
    await this.quickInput.type(name);
    await this.quickInput.pick(name);
    await this.quickInput.widget.waitFor({ state: 'hidden' });
  }

  /** @param {string} name of a file in the workspace */
  async openFile(name) {
    await this.#chooseWith('Control+P', name, name);
    await this.tab(name).waitFor();
  }

  /** @param {string | RegExp} name */
  tab(name) {
    return this.page.getByRole('tab', { name }).first();
  }

  /** @param {string | RegExp} name */
  async closeTab(name) {
    await this.tab(name).click({ button: 'middle' });
    await this.tab(name).waitFor({ state: 'detached' });
  }

  /**
   * The innermost frame of the webview that shows something matching `selector`.
   * @param {string} selector
   * @param {{timeout?: number}} [options] milliseconds, scaled
   * @returns {Promise<import('playwright-core').Frame>}
   */
  async webviewFrame(selector, { timeout = 30_000 } = {}) {
    const deadline = Date.now() + scaled(timeout);
    for (;;) {
      for (const frame of this.page.frames()) {
        if (!/\/webview\/browser\/pre\//.test(frame.parentFrame()?.url() ?? '')) continue;
        try {
          if (await frame.locator(selector).count()) return frame;
        } catch {
          // the frame went away meanwhile
        }
      }
      if (Date.now() > deadline) {
        throw new Error(
          `No webview shows ${selector}. Frames:\n${this.page
            .frames()
            .map((frame) => frame.url())
            .join('\n')}`,
        );
      }
      await this.page.waitForTimeout(50);
    }
  }

  /** @param {string | RegExp} text */
  notification(text) {
    return this.page.locator('.notifications-toasts .notification-toast').filter({ hasText: text });
  }

  /**
   * A modal dialog of VS Code.
   * @param {string | RegExp} text
   */
  dialog(text) {
    return this.page.locator('.monaco-dialog-box').filter({ hasText: text });
  }

  /** @param {string | RegExp} text */
  statusBarItem(text) {
    return this.page.locator('.part.statusbar .statusbar-item').filter({ hasText: text });
  }

  /** Everything that the notification area shows now. */
  async notificationTexts() {
    return this.page.locator('.notifications-toasts .notification-toast').allInnerTexts();
  }

  /** What a person would see now, in lines, for the message of a failed test: tabs, side bar, notifications, dialogs, where the focus is. */
  async describe() {
    const texts = async (/** @type {string} */ name, /** @type {string} */ selector) =>
      `${name}: ${(await this.page.locator(selector).allInnerTexts()).map((text) => text.replace(/\s+/g, ' ').trim().slice(0, 500)).join(' | ')}`;
    const focus = await this.page.evaluate(() => `${document.activeElement?.tagName} ${document.activeElement?.className}`);
    return [
      await texts('tab in front', '.tabs-container .tab.active'),
      await texts('other tabs', '.tabs-container .tab:not(.active)'),
      await texts('side bar', '.part.sidebar'),
      await texts('quick input', '.quick-input-widget:visible'),
      await texts('dialog', '.monaco-dialog-box'),
      await texts('notifications', '.notifications-toasts .notification-toast'),
      await texts('status bar', '.part.statusbar'),
      `focus: ${focus}`,
      ...this.errors.slice(-5).map((error) => `fault: ${error.slice(0, 500)}`),
    ];
  }

  /** @param {string} name of the picture in test/results/screenshots, without its ending */
  async screenshot(name) {
    mkdirSync(SCREENSHOTS, { recursive: true });
    await this.page.screenshot({ path: join(SCREENSHOTS, `${name}.png`) });
  }

  async close() {
    await this.page.context().close();
  }
}

/** VS Code's quick input: the palette, quick picks and input boxes are all this one widget. */
export class QuickInput {
  /** @param {import('playwright-core').Page} page */
  constructor(page) {
    this.page = page;
    this.widget = page.locator('.quick-input-widget');
    this.input = this.widget.locator('.quick-input-box input').first();
    this.title = this.widget.locator('.quick-input-title');
    this.message = this.widget.locator('.quick-input-message');
    this.rows = this.widget.locator('.monaco-list-row');
  }

  /** @param {string} key that opens the widget; pressed again where the workbench was not listening yet */
  async openWith(key) {
    for (let attempt = 1; ; attempt++) {
      await this.page.keyboard.press(key);
      try {
        await this.input.waitFor({ timeout: scaled(3000) });
        return;
      } catch (error) {
        if (attempt === 5) throw error;
      }
    }
  }

  /**
   * Waits for the step that is titled so.
   * @param {string | RegExp} title
   */
  async waitForTitle(title) {
    await this.title.filter({ hasText: title }).waitFor();
  }

  /**
   * Waits for the input box with this prompt.
   * @param {string | RegExp} prompt
   */
  async waitForPrompt(prompt) {
    await this.message.filter({ hasText: prompt }).waitFor();
  }

  /**
   * @param {string} text replaces what is in the box
   * @param {{timeout?: number}} [options] milliseconds
   */
  async type(text, options) {
    await this.input.fill(text, options);
  }

  /** @param {string | RegExp} label exactly the row's label, or a pattern for it */
  row(label) {
    const pattern = typeof label === 'string' ? new RegExp(`^\\s*${label.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}\\s*$`) : label;
    return this.rows.filter({ has: this.page.locator('.label-name', { hasText: pattern }) }).first();
  }

  /**
   * @param {string | RegExp} label
   * @param {{timeout?: number}} [options] milliseconds
   */
  async pick(label, options) {
    // A mouse that rests over the rows brings up a hover text, which would take the click.
    await this.page.mouse.move(1, 1);
    await this.row(label).click(options);
  }

  async accept() {
    await this.input.press('Enter');
  }

  async back() {
    await this.widget.getByRole('button', { name: 'Back' }).click();
  }

  async dismiss() {
    await this.page.keyboard.press('Escape');
    await this.widget.waitFor({ state: 'hidden' });
  }

  /**
   * The rows in view.
   * @returns {Promise<QuickPickItem[]>}
   */
  async items() {
    await this.rows.first().waitFor();
    return this.rows.evaluateAll((rows) =>
      rows.map((row) => {
        const text = (/** @type {string} */ selector) => row.querySelector(selector)?.textContent?.trim() ?? '';
        return {
          label: text('.quick-input-list-label .label-name') || text('.label-name'),
          description: text('.label-description'),
          detail: text('.quick-input-list-label-meta'),
        };
      }),
    );
  }
}
