/** One key per thing to do. The same table is the help dialog. */
import type { PageCommandName } from '../src/messages/page-commands.js';
import type { PageCommands } from './commands.js';

export const KEY_GROUPS = ['Move', 'Judge', 'Findings', 'Tokens', 'Look'] as const;
export type KeyGroup = (typeof KEY_GROUPS)[number];

export interface KeyBinding {
  readonly command: PageCommandName;
  /** As `KeyboardEvent.key` says them; what takes Shift begins with it. */
  readonly keys: readonly string[];
  /** As the help says them. */
  readonly shown: readonly string[];
  readonly does: string;
  readonly group: KeyGroup;
}

export const KEY_BINDINGS: readonly KeyBinding[] = [
  { command: 'next', keys: ['j', 'ArrowDown'], shown: ['J', '↓'], does: 'Next completion', group: 'Move' },
  { command: 'previous', keys: ['k', 'ArrowUp'], shown: ['K', '↑'], does: 'Previous completion', group: 'Move' },
  { command: 'pageDown', keys: ['PageDown'], shown: ['PgDn'], does: 'A page of the list down', group: 'Move' },
  { command: 'pageUp', keys: ['PageUp'], shown: ['PgUp'], does: 'A page of the list up', group: 'Move' },
  { command: 'first', keys: ['Home'], shown: ['Home'], does: 'First of the list', group: 'Move' },
  { command: 'last', keys: ['End'], shown: ['End'], does: 'Last of the list', group: 'Move' },
  { command: 'goToRank', keys: ['g'], shown: ['G'], does: 'Go to a rank', group: 'Move' },
  { command: 'search', keys: ['/'], shown: ['/'], does: 'Search', group: 'Move' },
  { command: 'backToList', keys: ['Escape'], shown: ['Esc'], does: 'Put away; back to the list', group: 'Move' },
  { command: 'revealing', keys: ['1'], shown: ['1'], does: 'Revealing', group: 'Judge' },
  { command: 'notRevealing', keys: ['2'], shown: ['2'], does: 'Not revealing', group: 'Judge' },
  { command: 'unsure', keys: ['3'], shown: ['3'], does: 'Unsure', group: 'Judge' },
  { command: 'revealingStay', keys: ['Shift+1'], shown: ['Shift+1'], does: 'Revealing, and stay', group: 'Judge' },
  { command: 'notRevealingStay', keys: ['Shift+2'], shown: ['Shift+2'], does: 'Not revealing, and stay', group: 'Judge' },
  { command: 'unsureStay', keys: ['Shift+3'], shown: ['Shift+3'], does: 'Unsure, and stay', group: 'Judge' },
  { command: 'unlabel', keys: ['0'], shown: ['0'], does: 'Take the label back; so does its own key', group: 'Judge' },
  { command: 'thenNext', keys: ['Shift+J'], shown: ['Shift+J'], does: 'Go on after a label, or stay', group: 'Judge' },
  { command: 'note', keys: ['n'], shown: ['N'], does: 'Note; Ctrl+Enter saves it', group: 'Judge' },
  { command: 'noteOfLabelled', keys: ['Shift+N'], shown: ['Shift+N'], does: 'Note on the completion labelled last', group: 'Judge' },
  { command: 'category', keys: ['c'], shown: ['C'], does: 'Category', group: 'Judge' },
  { command: 'undo', keys: ['u'], shown: ['U', 'Ctrl+Z'], does: 'Undo the last change', group: 'Judge' },
  { command: 'blind', keys: ['Shift+B'], shown: ['Shift+B'], does: 'Label blind, or leave it and see the figures', group: 'Judge' },
  { command: 'figures', keys: ['Shift+G'], shown: ['Shift+G'], does: 'Figures of all labels', group: 'Judge' },
  { command: 'addFinding', keys: ['m'], shown: ['M'], does: 'Add a finding on the selected text', group: 'Findings' },
  { command: 'showFindings', keys: ['i'], shown: ['I'], does: 'Into the findings of this completion, and on to the next', group: 'Findings' },
  { command: 'editFinding', keys: ['Shift+E'], shown: ['Shift+E'], does: 'Edit the finding', group: 'Findings' },
  { command: 'replyToFinding', keys: ['Shift+R'], shown: ['Shift+R'], does: 'Reply to the finding', group: 'Findings' },
  { command: 'resolveFinding', keys: ['Shift+D'], shown: ['Shift+D'], does: 'Resolve the finding, or reopen it', group: 'Findings' },
  { command: 'deleteFinding', keys: ['Delete'], shown: ['Del'], does: 'Delete the finding', group: 'Findings' },
  { command: 'cite', keys: ['q'], shown: ['Q'], does: 'Cite this completion in the conclusion', group: 'Findings' },
  { command: 'conclusion', keys: ['o'], shown: ['O'], does: 'Conclusion', group: 'Findings' },
  { command: 'keywords', keys: ['w'], shown: ['W'], does: 'Keywords', group: 'Findings' },
  { command: 'phrases', keys: ['h'], shown: ['H'], does: 'Phrases that recur', group: 'Findings' },
  { command: 'nextScore', keys: ['s'], shown: ['S'], does: 'Next score', group: 'Look' },
  { command: 'previousScore', keys: ['Shift+S'], shown: ['Shift+S'], does: 'Previous score', group: 'Look' },
  { command: 'order', keys: ['Shift+O'], shown: ['Shift+O'], does: 'Next order of the list', group: 'Look' },
  { command: 'framing', keys: ['f'], shown: ['F'], does: 'Filter by framing', group: 'Look' },
  { command: 'filters', keys: ['Shift+F'], shown: ['Shift+F'], does: 'All filters', group: 'Look' },
  { command: 'clearFilters', keys: ['Shift+C'], shown: ['Shift+C'], does: 'Clear the filters', group: 'Look' },
  { command: 'repetitive', keys: ['r'], shown: ['R'], does: 'Fold or show repetitive completions', group: 'Look' },
  { command: 'groupAlike', keys: ['d'], shown: ['D'], does: 'Group completions that say the same', group: 'Look' },
  { command: 'showAlike', keys: ['x'], shown: ['X', 'Enter'], does: 'Show or fold those alike', group: 'Look' },
  { command: 'plots', keys: ['p'], shown: ['P'], does: 'Plots', group: 'Look' },
  { command: 'about', keys: ['Shift+A'], shown: ['Shift+A'], does: 'About this audit', group: 'Look' },
  { command: 'exportReport', keys: ['Shift+X'], shown: ['Shift+X'], does: 'Export a report', group: 'Look' },
  { command: 'setAside', keys: ['Shift+Z'], shown: ['Shift+Z'], does: 'What was set aside, and why', group: 'Look' },
  { command: 'copy', keys: ['y'], shown: ['Y'], does: 'Copy prefill and completion', group: 'Look' },
  { command: 'openInEditor', keys: ['Shift+I'], shown: ['Shift+I'], does: 'Open this completion in an editor', group: 'Look' },
  { command: 'help', keys: ['?'], shown: ['?'], does: 'These keys', group: 'Look' },
  { command: 'tokens', keys: ['t'], shown: ['T'], does: 'Into the tokens; arrows move, with Shift select, Enter pins', group: 'Tokens' },
  { command: 'alternatives', keys: ['a'], shown: ['A'], does: 'What else each model could have said', group: 'Tokens' },
  { command: 'peak', keys: ['e'], shown: ['E'], does: 'Show the peak', group: 'Tokens' },
  { command: 'values', keys: ['v'], shown: ['V'], does: 'Print the largest gaps', group: 'Tokens' },
  { command: 'ownScale', keys: ['l'], shown: ['L'], does: 'Scale of the shades: fixed, this audit’s, this completion’s', group: 'Tokens' },
  { command: 'hideMore', keys: [']'], shown: [']'], does: 'Hide more of the small gaps', group: 'Tokens' },
  { command: 'hideLess', keys: ['['], shown: ['['], does: 'Hide less of them', group: 'Tokens' },
  { command: 'boundaries', keys: ['b'], shown: ['B'], does: 'Mark where tokens begin: F’s above, R’s below', group: 'Tokens' },
];

const byKey = new Map(KEY_BINDINGS.flatMap((binding) => binding.keys.map((key) => [key, binding.command] as const)));

/** What a key stands for, wherever on the page the focus is. */
export function commandOfKey({ key, code, shiftKey }: Pick<KeyboardEvent, 'key' | 'code' | 'shiftKey'>): PageCommandName | undefined {
  // With Shift a digit's key is another character, which one depends on the keyboard.
  const digit = /^Digit([1-3])$/.exec(code)?.[1];
  const shifted = shiftKey ? byKey.get(`Shift+${digit ?? key.toUpperCase()}`) : undefined;
  return shifted ?? byKey.get(key.length === 1 ? key.toLowerCase() : key);
}

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
    .some((target) => target instanceof Element && (target.matches(TYPING_CONTROLS) || (steps && target.matches('input')) || target.getAttribute('contenteditable') === 'true'));
}
