/** What each key of the page does, as the help says it, and what becomes of a key that is pressed. */
import type { PageCommandName } from '../src/messages/page-commands.js';
import type { PageCommands } from './commands.js';
import { commandOfKey } from './page-keys.js';

export const KEY_GROUPS = ['Move', 'Judge', 'Findings', 'Tokens', 'Look'] as const;
export type KeyGroup = (typeof KEY_GROUPS)[number];

export interface KeyBinding {
  readonly command: PageCommandName;
  readonly does: string;
  readonly group: KeyGroup;
}

export const KEY_BINDINGS: readonly KeyBinding[] = [
  { command: 'next', does: 'Next completion', group: 'Move' },
  { command: 'previous', does: 'Previous completion', group: 'Move' },
  { command: 'pageDown', does: 'A page of the list down', group: 'Move' },
  { command: 'pageUp', does: 'A page of the list up', group: 'Move' },
  { command: 'first', does: 'First of the list', group: 'Move' },
  { command: 'last', does: 'Last of the list', group: 'Move' },
  { command: 'goToRank', does: 'Go to a rank', group: 'Move' },
  { command: 'search', does: 'Search, or filter', group: 'Move' },
  { command: 'backToList', does: 'Put away; back to the list', group: 'Move' },
  { command: 'revealing', does: 'Revealing', group: 'Judge' },
  { command: 'notRevealing', does: 'Not revealing', group: 'Judge' },
  { command: 'unsure', does: 'Unsure', group: 'Judge' },
  { command: 'revealingStay', does: 'Revealing, and stay', group: 'Judge' },
  { command: 'notRevealingStay', does: 'Not revealing, and stay', group: 'Judge' },
  { command: 'unsureStay', does: 'Unsure, and stay', group: 'Judge' },
  { command: 'unlabel', does: 'Take the label back; so does its own key', group: 'Judge' },
  { command: 'thenNext', does: 'Go on after a label, or stay', group: 'Judge' },
  { command: 'note', does: 'Note; Ctrl+Enter saves it', group: 'Judge' },
  { command: 'noteOfLabelled', does: 'Note on the completion labelled last', group: 'Judge' },
  { command: 'category', does: 'Category', group: 'Judge' },
  { command: 'undo', does: 'Undo the last change', group: 'Judge' },
  { command: 'blind', does: 'Label blind, or leave it and see the figures', group: 'Judge' },
  { command: 'figures', does: 'Figures of all labels', group: 'Judge' },
  { command: 'addFinding', does: 'Add a finding on the selected text', group: 'Findings' },
  { command: 'showFindings', does: 'Into the findings of this completion, and on to the next', group: 'Findings' },
  { command: 'editFinding', does: 'Edit the finding', group: 'Findings' },
  { command: 'replyToFinding', does: 'Reply to the finding', group: 'Findings' },
  { command: 'resolveFinding', does: 'Resolve the finding, or reopen it', group: 'Findings' },
  { command: 'deleteFinding', does: 'Delete the finding', group: 'Findings' },
  { command: 'cite', does: 'Cite this completion in the conclusion', group: 'Findings' },
  { command: 'conclusion', does: 'Conclusion', group: 'Findings' },
  { command: 'keywords', does: 'Keywords', group: 'Findings' },
  { command: 'themes', does: 'Themes that recur', group: 'Findings' },
  { command: 'nextScore', does: 'Next score', group: 'Look' },
  { command: 'previousScore', does: 'Previous score', group: 'Look' },
  { command: 'order', does: 'Next order of the list', group: 'Look' },
  { command: 'framing', does: 'Filter by framing', group: 'Look' },
  { command: 'pass', does: 'Next pass: plain, amplified, …', group: 'Look' },
  { command: 'confirm', does: 'Confirm amplified text with the finetuned model itself; again stops', group: 'Look' },
  { command: 'confirmFirst', does: 'Confirm the first 20 of each framing', group: 'Look' },
  { command: 'filters', does: 'All filters', group: 'Look' },
  { command: 'clearFilters', does: 'Clear the filters', group: 'Look' },
  { command: 'repetitive', does: 'Fold or show repetitive completions', group: 'Look' },
  { command: 'groupAlike', does: 'Group completions that say the same', group: 'Look' },
  { command: 'showAlike', does: 'Show or fold those alike', group: 'Look' },
  { command: 'compactRows', does: 'Rows of one line, or of several', group: 'Look' },
  { command: 'plots', does: 'Plots', group: 'Look' },
  { command: 'about', does: 'About this audit', group: 'Look' },
  { command: 'exportReport', does: 'Export a report', group: 'Look' },
  { command: 'setAside', does: 'What was set aside, and why', group: 'Look' },
  { command: 'copy', does: 'Copy prefill and completion', group: 'Look' },
  { command: 'openInEditor', does: 'Open this completion in an editor', group: 'Look' },
  { command: 'help', does: 'These keys', group: 'Look' },
  { command: 'tokens', does: 'Into the tokens; arrows move, with Shift select, Enter pins', group: 'Tokens' },
  { command: 'alternatives', does: 'What else each model could have said', group: 'Tokens' },
  { command: 'peak', does: 'Show the peak', group: 'Tokens' },
  { command: 'values', does: 'Print the largest gaps', group: 'Tokens' },
  { command: 'ownScale', does: 'Scale of the shades: fixed, this audit’s, this completion’s', group: 'Tokens' },
  { command: 'hideMore', does: 'Hide more of the small gaps', group: 'Tokens' },
  { command: 'hideLess', does: 'Hide less of them', group: 'Tokens' },
  { command: 'boundaries', does: 'Mark where tokens begin: F’s above, R’s below', group: 'Tokens' },
];

/** As long as VS Code waits for the second key of a chord (milliseconds). */
const CHORD = 5000;

/**
 * Runs what keys stand for. A key belongs to where the focus is, where that is a field to type in; and it belongs to VS Code
 * where it comes after one that VS Code may have taken for the first of a chord: `Ctrl+K`, then `1`, is no label. The page
 * cannot know which keys begin one, since every user binds their own, so that all combinations count that are not the
 * page's and not the clipboard's.
 */
export class Keyboard {
  /** When a key was pressed that may begin a chord; `null` where that is over. */
  #chordBegun: { readonly keys: string; readonly time: number } | null = null;

  constructor(private readonly commands: PageCommands) {}

  /** The page has lost the focus, or the mouse was used: whatever was begun is over. */
  endChord(): void {
    this.#chordBegun = null;
  }

  handle(event: KeyboardEvent): void {
    const { commands } = this;
    if (MODIFIERS.has(event.key)) return;
    const chord = this.#chordBegun;
    this.#chordBegun = null;
    const combines = event.ctrlKey || event.metaKey || event.altKey;
    const undoes = combines && !event.altKey && !event.shiftKey && event.key.toLowerCase() === 'z';
    const isTyped = isTyping(event);
    if (combines && !undoes) {
      // What somebody types with Alt or AltGr is a character.
      const isClipboard = !event.altKey && 'acvx'.includes(event.key.toLowerCase());
      if (!isClipboard && !(isTyped && event.altKey)) this.#chordBegun = { keys: describeKeys(event), time: event.timeStamp };
      return;
    }
    if (event.defaultPrevented || event.isComposing || commands.openPanel.peek() !== null || commands.findings.form.peek() !== null || isTyped) return;
    const command = undoes ? 'undo' : commandOfKey(event);
    if (!command) return;
    if (chord && event.timeStamp - chord.time < CHORD) {
      commands.tell(`${event.key} was left to VS Code, since it came after ${chord.keys}. Press it again for the page.`);
      return;
    }
    event.preventDefault();
    commands.run(command);
  }
}

const MODIFIERS = new Set(['Control', 'Shift', 'Alt', 'AltGraph', 'Meta', 'CapsLock']);

function describeKeys({ ctrlKey, metaKey, altKey, shiftKey, key }: KeyboardEvent): string {
  return [...(ctrlKey ? ['Ctrl'] : []), ...(metaKey ? ['Meta'] : []), ...(altKey ? ['Alt'] : []), ...(shiftKey ? ['Shift'] : []), key.toUpperCase()].join('+');
}

/** Elements in which typing is typing, not a command. */
const TYPING_CONTROLS =
  'vscode-text-field, vscode-text-area, vscode-dropdown, input:not([type="radio"], [type="checkbox"], [type="range"], [type="button"], [type="submit"]), textarea, select';
/** What moves between radio buttons and along sliders. */
const STEPPING = new Set(['ArrowUp', 'ArrowDown', 'ArrowLeft', 'ArrowRight', 'Home', 'End', 'PageUp', 'PageDown', 'Enter', ' ']);

function isTyping(event: KeyboardEvent): boolean {
  const steps = STEPPING.has(event.key);
  return event
    .composedPath()
    .some(
      (target) =>
        target instanceof Element &&
        (target.matches(TYPING_CONTROLS) || (steps && target.matches('input')) || target.getAttribute('contenteditable') === 'true'),
    );
}
