/** One key per thing to do. The same table is the help dialog. */
import type { PageCommands } from './commands.js';
import { TYPING_CONTROLS } from './controls.js';

export const KEY_GROUPS = ['Move', 'Judge', 'Findings', 'Tokens', 'Look'] as const;
export type KeyGroup = (typeof KEY_GROUPS)[number];

export interface KeyBinding {
  /** As `KeyboardEvent.key` says them. */
  readonly keys: readonly string[];
  /** As the help says them. */
  readonly shown: readonly string[];
  readonly does: string;
  readonly group: KeyGroup;
  /** Would show or change what is hidden in the blind. */
  readonly notInBlind?: true;
  readonly run: (commands: PageCommands, event: KeyboardEvent) => void;
}

const FAR = 1_000_000;

export const KEY_BINDINGS: readonly KeyBinding[] = [
  { keys: ['j', 'ArrowDown'], shown: ['J', '↓'], does: 'Next completion', group: 'Move', run: (c) => c.move(1) },
  { keys: ['k', 'ArrowUp'], shown: ['K', '↑'], does: 'Previous completion', group: 'Move', run: (c) => c.move(-1) },
  { keys: ['PageDown'], shown: ['PgDn'], does: 'A page of the list down', group: 'Move', run: (c) => c.movePage(1) },
  { keys: ['PageUp'], shown: ['PgUp'], does: 'A page of the list up', group: 'Move', run: (c) => c.movePage(-1) },
  { keys: ['Home'], shown: ['Home'], does: 'First of the list', group: 'Move', run: (c) => c.move(-FAR) },
  { keys: ['End'], shown: ['End'], does: 'Last of the list', group: 'Move', run: (c) => c.move(FAR) },
  { keys: ['g'], shown: ['G'], does: 'Go to a rank', group: 'Move', notInBlind: true, run: (c) => (c.openPanel.value = 'goToRank') },
  { keys: ['/'], shown: ['/'], does: 'Search', group: 'Move', notInBlind: true, run: (c) => c.focus('search') },
  { keys: ['1'], shown: ['1'], does: 'Revealing', group: 'Judge', run: (c, e) => c.labelByKey('revealing', e.shiftKey) },
  { keys: ['2'], shown: ['2'], does: 'Not revealing', group: 'Judge', run: (c, e) => c.labelByKey('notRevealing', e.shiftKey) },
  { keys: ['3'], shown: ['3'], does: 'Unsure', group: 'Judge', run: (c, e) => c.labelByKey('unsure', e.shiftKey) },
  { keys: ['0'], shown: ['0'], does: 'Take the label back; so does its own key', group: 'Judge', run: (c) => c.labelByKey(null) },
  { keys: ['n'], shown: ['N'], does: 'Note; Ctrl+Enter saves it', group: 'Judge', run: (c) => c.focus('note') },
  { keys: ['Shift+N'], shown: ['Shift+N'], does: 'Note on the completion labelled last', group: 'Judge', run: (c) => c.noteOfLabelled() },
  { keys: ['c'], shown: ['C'], does: 'Category', group: 'Judge', run: (c) => c.openCategory() },
  { keys: ['u'], shown: ['U', 'Ctrl+Z'], does: 'Undo the last change', group: 'Judge', run: (c) => void c.undo() },
  { keys: ['Shift+B'], shown: ['Shift+B'], does: 'Label blind, or leave it and see the figures', group: 'Judge', run: (c) => c.toggleBlind() },
  { keys: ['m'], shown: ['M'], does: 'Add a finding on the selected text', group: 'Findings', run: (c) => c.findings.add() },
  { keys: ['i'], shown: ['I'], does: 'Into the findings of this completion', group: 'Findings', run: (c) => c.findings.show() },
  { keys: ['q'], shown: ['Q'], does: 'Cite this completion in the conclusion', group: 'Findings', notInBlind: true, run: (c) => c.findings.cite() },
  { keys: ['o'], shown: ['O'], does: 'Conclusion', group: 'Findings', notInBlind: true, run: (c) => c.togglePanel('conclusion') },
  { keys: ['w'], shown: ['W'], does: 'Keywords', group: 'Findings', notInBlind: true, run: (c) => c.togglePanel('keywords') },
  { keys: ['s'], shown: ['S', 'Shift+S'], does: 'Next score, previous score', group: 'Look', notInBlind: true, run: (c, e) => c.cycleScore(e.shiftKey ? -1 : 1) },
  { keys: ['f'], shown: ['F'], does: 'Filter by framing', group: 'Look', notInBlind: true, run: (c) => c.cycleFraming() },
  { keys: ['r'], shown: ['R'], does: 'Fold or show repetitive completions', group: 'Look', notInBlind: true, run: (c) => c.toggleRepetitive() },
  { keys: ['d'], shown: ['D'], does: 'Group completions that say the same', group: 'Look', notInBlind: true, run: (c) => c.toggleGroups() },
  { keys: ['x'], shown: ['X', 'Enter'], does: 'Show or fold those alike', group: 'Look', notInBlind: true, run: (c) => c.toggleAlike() },
  { keys: ['h'], shown: ['H'], does: 'Phrases that recur', group: 'Look', notInBlind: true, run: (c) => c.togglePanel('phrases') },
  { keys: ['p'], shown: ['P'], does: 'Plots', group: 'Look', notInBlind: true, run: (c) => c.togglePlots() },
  { keys: ['v'], shown: ['V'], does: 'Print the largest gaps', group: 'Look', notInBlind: true, run: (c) => c.toggle('printValues') },
  { keys: ['l'], shown: ['L'], does: 'Shade by own or shared scale', group: 'Look', notInBlind: true, run: (c) => c.toggle('localScale') },
  { keys: ['b'], shown: ['B'], does: 'Mark where tokens begin: F’s above, R’s below', group: 'Look', notInBlind: true, run: (c) => c.toggle('showBoundaries') },
  { keys: ['y'], shown: ['Y'], does: 'Copy prefill and completion', group: 'Look', run: (c) => c.copyText() },
  { keys: ['?'], shown: ['?'], does: 'These keys', group: 'Look', run: (c) => (c.openPanel.value = 'help') },
  { keys: ['t'], shown: ['T'], does: 'Into the tokens; arrows move, with Shift select, Enter pins', group: 'Tokens', run: (c) => c.focusTokens() },
  { keys: ['a'], shown: ['A'], does: 'What else each model could have said', group: 'Tokens', notInBlind: true, run: (c) => c.tokens?.showAlternatives() },
  { keys: ['e'], shown: ['E'], does: 'Show the peak', group: 'Tokens', notInBlind: true, run: (c) => c.tokens?.goToPeak() },
  { keys: ['Escape'], shown: ['Esc'], does: 'Put away; back to the list', group: 'Tokens', run: (c) => c.escape() },
];

const byKey = new Map(KEY_BINDINGS.flatMap((binding) => binding.keys.map((key) => [key, binding] as const)));

/** Runs what a key stands for, unless the key belongs to where the focus is. */
export function handleKey(event: KeyboardEvent, commands: PageCommands): void {
  if (event.defaultPrevented || event.isComposing || commands.openPanel.peek() !== null || commands.findings.form.peek() !== null || isTyping(event)) return;
  if ((event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === 'z') {
    event.preventDefault();
    void commands.undo();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  // With Shift a digit's key is another character, which one depends on the keyboard.
  const digit = /^Digit([1-3])$/.exec(event.code)?.[1];
  const shifted = event.shiftKey ? byKey.get(digit ?? `Shift+${event.key.toUpperCase()}`) : undefined;
  const binding = shifted ?? byKey.get(event.key.length === 1 ? event.key.toLowerCase() : event.key);
  if (!binding) return;
  event.preventDefault();
  if (binding.notInBlind && commands.isBlind) commands.tellBlind();
  else binding.run(commands, event);
}

function isTyping(event: KeyboardEvent): boolean {
  return event.composedPath().some((target) => target instanceof Element && (target.matches(TYPING_CONTROLS) || target.getAttribute('contenteditable') === 'true'));
}
