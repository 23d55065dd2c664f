/** The results page as its reader sees it: everything is found by role, label or what it says. */
import type { Frame, Locator } from 'playwright-core';
import { scaled } from '../bed/timeouts.mjs';
import type { Workbench } from '../bed/workbench.mjs';

export class ResultsPage {
  readonly list: Locator;
  readonly rows: Locator;
  readonly status: Locator;
  /** Of the selected completion, the end-of-turn token among them. */
  readonly tokens: Locator;

  private constructor(
    readonly workbench: Workbench,
    readonly frame: Frame,
  ) {
    this.list = frame.getByRole('listbox', { name: /completions?, ranked$/ });
    this.rows = this.list.getByRole('option');
    this.status = frame.getByRole('banner');
    this.tokens = frame.getByRole('listbox', { name: 'Tokens of the completion with their gaps' }).getByRole('option');
  }

  /** The page in front; where others are open behind it, that of the audit with this name. */
  static async find(workbench: Workbench, name?: string): Promise<ResultsPage> {
    const heading = name === undefined ? '' : `body:has(h1:text-is("${name}")) `;
    return new ResultsPage(workbench, await workbench.webviewFrame(`${heading}#completions:visible`));
  }

  /** Waits until the page has so many completions, folded ones among them. */
  async waitForCount(count: number): Promise<void> {
    await this.frame.getByText(new RegExp(`of ${count.toLocaleString('en')} shown`)).waitFor();
  }

  /** How many completions the list holds, shown or scrolled away. */
  async count(): Promise<number> {
    const label = (await this.list.getAttribute('aria-label')) ?? '';
    return Number(/^[\d,.\u202f]+/.exec(label)?.[0].replace(/\D/g, ''));
  }

  /** The list is virtual: its first row need not be the first element. What comes in late may take the first place. */
  async selectFirst(): Promise<void> {
    const first = this.list.locator('[aria-posinset="1"][aria-selected="true"]');
    await this.list.focus();
    for (let attempt = 1; ; attempt++) {
      await this.press('Home');
      try {
        await first.waitFor({ timeout: scaled(5000) });
        return;
      } catch (error) {
        if (attempt === 5) throw error;
      }
    }
  }

  /** By key, once the tokens of the selected completion are there. */
  async enterTokens(): Promise<void> {
    await this.press('t');
    await this.frame.locator('.tokens:focus').waitFor();
  }

  async press(...keys: string[]): Promise<void> {
    for (const key of keys) await this.workbench.page.keyboard.press(key);
  }

  /** What the rows in view say, best first: rank, score, framing and text. */
  async texts(): Promise<string[]> {
    const rows = await this.rows.evaluateAll((elements) =>
      elements.map((element) => [Number(element.getAttribute('aria-posinset')), element.textContent ?? ''] as const),
    );
    return rows.sort(([a], [b]) => a - b).map(([, text]) => text);
  }

  /**
   * How many lines of text the selected completion has room for, in so far as the window shows them.
   * @returns whole lines
   */
  async linesInView(): Promise<number> {
    return this.frame.locator('#detail-text').evaluate((area) => {
      const line = Number.parseFloat(getComputedStyle(area.querySelector('.token-text')!).lineHeight);
      const { top, bottom } = area.getBoundingClientRect();
      return Math.floor((Math.min(bottom, innerHeight) - Math.max(0, top + Number.parseFloat(getComputedStyle(area).paddingTop))) / line);
    });
  }

  /** How many rows the list shows whole. */
  async rowsInView(): Promise<number> {
    return this.list.evaluate((list) => {
      const { top, bottom } = list.getBoundingClientRect();
      return [...list.querySelectorAll('[role=option]')].filter(
        (row) => row.getBoundingClientRect().top >= top - 1 && row.getBoundingClientRect().bottom <= bottom + 1,
      ).length;
    });
  }

  /** The framings of the rows in view. */
  framings(): Promise<string[]> {
    return this.rows.locator('.framing').allInnerTexts();
  }

  /** The scores of the rows in view, in the list's order; of those that have one. */
  async scores(): Promise<number[]> {
    const values = await this.rows.evaluateAll((elements) =>
      elements.map((element) => [Number(element.getAttribute('aria-posinset')), element.querySelector('.value')?.textContent ?? ''] as const),
    );
    const numbers = values.sort(([a], [b]) => a - b).map(([, text]) => /score (−?)(\d[\d.,]*)/.exec(text));
    return numbers.flatMap((found) => (found ? [(found[1] ? -1 : 1) * Number(found[2]!.replaceAll(',', ''))] : []));
  }

  /** The mark of a label on the row of a rank. */
  labelMark(rank: number, label: string): Locator {
    return this.list.locator(`[aria-posinset="${rank}"]`).getByRole('img', { name: label, exact: true });
  }
}
