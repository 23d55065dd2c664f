/** Text that does harm wherever it is taken for more than text, and the look at a window that finds out. */
import type { Frame } from 'playwright-core';
import type { Workbench } from '../bed/workbench.mjs';

/** Part of every address, class and command of a harmful text, and of nothing else. */
const MARK = 'hostile';
/** An icon that VS Code itself has no use for. */
const ICON = 'rocket';

/**
 * Links to commands, icons, HTML, images, characters that cannot be seen or that turn the text around.
 * @param server what an image or a link of the text would be fetched from
 */
export function harm(where: string, server: string): string {
  return `${where} [x](command:${MARK}.run?%5B%22${where}%22%5D) $(${ICON}) <img src="${server}/${MARK}-${where}" onerror="window.hacked=1"> ![i](${server}/${MARK}-${where}) <b class="${MARK}">b</b> <${server}/${MARK}> \u202Efdp\u2066\u0007\u001b[31m`;
}

/** The same where few letters are allowed. */
export function shortHarm(where: string): string {
  return `${where} [x](command:${MARK}.run) $(${ICON}) <b class="${MARK}">b</b> \u202Efdp\u0007`;
}

/** What of the harmful texts came alive in the window or in one of its pages: nothing, if all is well. */
export async function findHarm({ page }: Workbench): Promise<string[]> {
  const found = await Promise.all(page.frames().map((frame) => lookAt(frame).catch(() => [])));
  return found.flat();
}

async function lookAt(frame: Frame): Promise<string[]> {
  const alive = [`a[href*="${MARK}"]`, `a[data-href*="${MARK}"]`, `form[action*="${MARK}"]`, `[src*="${MARK}"]`, `[class~="${MARK}"]`, `.codicon-${ICON}`];
  // Inside open shadow roots, too. VS Code's own list of files makes icons of their names, and keeps its rows when it is closed.
  const elements = await frame
    .locator(alive.join(', '))
    .evaluateAll((all) =>
      all
        .filter((element) => element.checkVisibility())
        .map((element) => `${element.outerHTML.slice(0, 300)} in ${element.closest('[class*="monaco-list-row"], .part')?.outerHTML.slice(0, 300)}`),
    );
  return [...elements, ...(await frame.evaluate(findInFrame))];
}

/** Runs in the frame. */
function findInFrame(): string[] {
  const invisible = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/u;
  const found = 'hacked' in window ? ['a script ran'] : [];
  const judge = (text: string, where: Element) => {
    const sign = invisible.exec(text)?.[0];
    if (sign !== undefined) found.push(`U+${sign.codePointAt(0)!.toString(16)} in ${where.tagName} ${where.className}: ${text.slice(0, 120)}`);
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT, ({ parentElement }) =>
    parentElement?.closest('style, script') ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT,
  );
  for (let node = walker.nextNode(); node; node = walker.nextNode()) judge(node.textContent ?? '', node.parentElement!);
  for (const name of ['title', 'aria-label', 'placeholder']) {
    for (const element of document.querySelectorAll(`[${name}]`)) judge(element.getAttribute(name)!, element);
  }
  return found;
}
