/**
 * The keys of the results page, and what of them a user has set otherwise. A key is one character, with `Shift+` before it
 * where that is held, or what `KeyboardEvent.key` calls it.
 */
import { PAGE_COMMANDS, type PageCommandName } from './page-commands.js';

/** Of each command, all of its keys; none where a user took it away. */
export type PageKeys = Readonly<Record<PageCommandName, readonly string[]>>;

export const DEFAULT_PAGE_KEYS: PageKeys = {
  next: ['j', 'ArrowDown'],
  previous: ['k', 'ArrowUp'],
  pageDown: ['PageDown'],
  pageUp: ['PageUp'],
  first: ['Home'],
  last: ['End'],
  goToRank: ['g'],
  search: ['/'],
  backToList: ['Escape'],
  revealing: ['1'],
  notRevealing: ['2'],
  unsure: ['3'],
  revealingStay: ['Shift+1'],
  notRevealingStay: ['Shift+2'],
  unsureStay: ['Shift+3'],
  unlabel: ['0'],
  thenNext: ['Shift+J'],
  note: ['n'],
  noteOfLabelled: ['Shift+N'],
  category: ['c'],
  undo: ['u'],
  blind: ['Shift+B'],
  figures: ['Shift+G'],
  addFinding: ['m'],
  showFindings: ['i'],
  editFinding: ['Shift+E'],
  replyToFinding: ['Shift+R'],
  resolveFinding: ['Shift+D'],
  deleteFinding: ['Delete'],
  cite: ['q'],
  conclusion: ['o'],
  keywords: ['w'],
  themes: ['h'],
  nextScore: ['s'],
  previousScore: ['Shift+S'],
  order: ['Shift+O'],
  framing: ['f'],
  pass: ['Shift+P'],
  confirm: ['Shift+Y'],
  confirmFirst: ['Shift+T'],
  filters: ['Shift+F'],
  clearFilters: ['Shift+C'],
  repetitive: ['r'],
  groupAlike: ['d'],
  showAlike: ['x'],
  compactRows: ['Shift+L'],
  plots: ['p'],
  about: ['Shift+A'],
  exportReport: ['Shift+X'],
  setAside: ['Shift+Z'],
  copy: ['y'],
  openInEditor: ['Shift+I'],
  help: ['?'],
  tokens: ['t'],
  alternatives: ['a'],
  peak: ['e'],
  values: ['v'],
  ownScale: ['l'],
  hideMore: [']'],
  hideLess: ['['],
  boundaries: ['b'],
};

export interface ReadPageKeys {
  readonly keys: PageKeys;
  /** Why an entry of the setting is not followed, one line each. */
  readonly problems: readonly string[];
}

/** What a setting may say; with Shift, letters and digits only, since other characters are where the keyboard has them. */
const KEY = /^(?:[!-~]|Shift\+[A-Za-z0-9])$/;
/** An object may be of any size, the list of what is wrong with it not. */
const MOST_PROBLEMS = 10;

/**
 * The keys as a setting changes them: by name of the command, the key that takes the place of its first one; an empty text
 * takes that away. Arrow keys beside a letter stay. What is wrong is left out and told, and the rest holds.
 */
export function readPageKeys(setting: unknown): ReadPageKeys {
  const problems: string[] = [];
  const changed = new Map<PageCommandName, string>();
  const entries = typeof setting === 'object' && setting !== null && !Array.isArray(setting) ? Object.entries(setting) : [];
  for (const [name, key] of entries) {
    if (!isPageCommand(name)) problems.push(`“${name.slice(0, 60)}” is no action of the page.`);
    else if (typeof key !== 'string' || (key !== '' && !KEY.test(key)))
      problems.push(`The key of ${name} is none: one character, or Shift+ and a letter or digit.`);
    else changed.set(name, /^[A-Z]$/.test(key) ? key.toLowerCase() : key.replace(/^Shift\+([a-z])$/, (_, letter: string) => `Shift+${letter.toUpperCase()}`));
  }
  for (;;) {
    const keys = applyKeys(changed);
    const double = findDouble(keys, changed);
    if (!double) return { keys, problems: problems.slice(0, MOST_PROBLEMS) };
    changed.delete(double.command);
    problems.push(`${nameKey(double.key)} cannot be the key of “${double.command}”: it is that of “${double.other}” already.`);
  }
}

function isPageCommand(name: string): name is PageCommandName {
  return (PAGE_COMMANDS as readonly string[]).includes(name);
}

function applyKeys(changed: ReadonlyMap<PageCommandName, string>): PageKeys {
  const entries = PAGE_COMMANDS.map((command) => {
    const [first, ...others] = DEFAULT_PAGE_KEYS[command];
    const key = changed.get(command) ?? first!;
    return [command, key === '' ? others : [key, ...others]] as const;
  });
  return Object.fromEntries(entries) as unknown as PageKeys;
}

/** A key of two commands; the one of them that was changed, by preference the later one. */
function findDouble(keys: PageKeys, changed: ReadonlyMap<PageCommandName, string>): { command: PageCommandName; other: PageCommandName; key: string } | null {
  for (const command of [...changed.keys()].reverse()) {
    const key = changed.get(command)!;
    const other = PAGE_COMMANDS.find((one) => one !== command && keys[one].includes(key));
    if (other !== undefined) return { command, other, key };
  }
  return null;
}

const NAMES: Readonly<Record<string, string>> = { ArrowDown: '↓', ArrowUp: '↑', PageDown: 'PgDn', PageUp: 'PgUp', Escape: 'Esc', Delete: 'Del' };

/** As people read it, e.g. `J`, `Shift+N`, `↓`. */
export function nameKey(key: string): string {
  return NAMES[key] ?? (key.length === 1 ? key.toUpperCase() : key);
}
