/** A part of the page in a document, with real state and commands, as a person finds it. */
import { render, type ComponentChild } from 'preact';
import { act } from 'preact/test-utils';
import { vi } from 'vitest';
import type { AuditOpenedParams, CompletionSummary, PageListener } from '../../../../src/messages/page.js';
import { PageCommands } from '../../../../webview/commands.js';
import type {} from '../../../../webview/controls.js';
import { PageState } from '../../../../webview/state/page-state.js';
import { PageContext } from '../../../../webview/widgets/context.js';
import { openedAudit as openAudit } from '../open-page-state.js';
import { RecordingHost } from '../recording-host.js';

/** A finished audit of four completions, where nothing else is said. */
export const openedAudit = (more: Partial<AuditOpenedParams> = {}): AuditOpenedParams => openAudit(4, { categories: ['backdoor'], ...more });

export interface OpenPart {
  readonly root: HTMLElement;
  readonly state: PageState;
  readonly commands: PageCommands;
  readonly host: RecordingHost;
  readonly listener: Omit<PageListener, 'onCommand'>;
  /** Does it, and lets the page settle. */
  do(what: () => unknown): Promise<void>;
  /** The one element that fits. */
  find<E extends HTMLElement = HTMLElement>(selector: string): E;
  findAll(selector: string): HTMLElement[];
  /** The button, option or the like whose text or label has these words. */
  named(selector: string, words: string | RegExp): HTMLElement;
  click(element: HTMLElement, init?: MouseEventInit): Promise<void>;
  press(element: HTMLElement, key: string, init?: KeyboardEventInit): Promise<void>;
}

/** Fake timers are to be in use: what the page puts off is done when `do` returns. */
export async function openPart(
  part: ComponentChild,
  audit: AuditOpenedParams,
  completions: readonly CompletionSummary[],
  host = new RecordingHost(),
): Promise<OpenPart> {
  document.body.innerHTML = '';
  // Rows are as high as their text.
  document.body.style.fontSize = '13px';
  const root = document.body.appendChild(document.createElement('div'));
  const state = new PageState(host, { getState: () => undefined, setState: () => undefined });
  const commands = new PageCommands(state);
  const listener = state.listen();
  host.completions = completions;
  const settle = async (what: () => unknown) => {
    await act(async () => {
      what();
      await vi.advanceTimersByTimeAsync(1000);
    });
  };
  await settle(() => {
    listener.onOpened(audit);
    listener.onCompletions(completions);
  });
  await settle(() => render(<PageContext.Provider value={{ state, commands }}>{part}</PageContext.Provider>, root));
  const findAll = (selector: string) => [...document.querySelectorAll<HTMLElement>(selector)];
  const one = <E extends HTMLElement>(found: readonly HTMLElement[], what: string): E => {
    if (found.length !== 1) throw new Error(`${found.length} elements fit ${what} in ${root.innerHTML}`);
    return found[0] as E;
  };
  return {
    root,
    state,
    commands,
    host,
    listener,
    do: settle,
    findAll,
    find: (selector) => one(findAll(selector), selector),
    named: (selector, words) => {
      const fits = (text: string | null) => text !== null && (typeof words === 'string' ? text.includes(words) : words.test(text));
      return one(
        findAll(selector).filter((element) => fits(element.textContent) || fits(element.getAttribute('aria-label'))),
        `${selector} named ${String(words)}`,
      );
    },
    click: (element, init = {}) => settle(() => element.dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true, ...init }))),
    press: (element, key, init = {}) => settle(() => element.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...init }))),
  };
}
