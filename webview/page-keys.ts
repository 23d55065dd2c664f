/** The keys that hold on this page, and how its texts name them. */
import { computed, signal } from '@preact/signals';
import type { PageCommandName } from '../src/messages/page-commands.js';
import { DEFAULT_PAGE_KEYS, nameKey, type ReadPageKeys } from '../src/messages/page-keys.js';

/** As the host has read them from the user's settings. */
export const pageKeys = signal<ReadPageKeys>({ keys: DEFAULT_PAGE_KEYS, problems: [] });

/** What else does the same, beside the keys of the table. */
const OTHER_KEYS: Partial<Record<PageCommandName, string>> = { undo: 'Ctrl+Z', showAlike: 'Enter' };

/** All of a command, as the help says them. */
export function shownKeys(command: PageCommandName): readonly string[] {
  const other = OTHER_KEYS[command];
  return [...pageKeys.value.keys[command].map(nameKey), ...(other === undefined ? [] : [other])];
}

/** The one to name; `null` where there is none. */
export function keyOf(command: PageCommandName): string | null {
  return shownKeys(command)[0] ?? null;
}

/** A title with the key of what it is the title of, e.g. `Plots (P)`. */
export function withKey(title: string, command: PageCommandName): string {
  const key = keyOf(command);
  return key === null ? title : `${title} (${key})`;
}

/** A sentence about a key, e.g. `N is the note.`; empty where the command has none. */
export function sayKey(command: PageCommandName, does: string): string {
  const key = keyOf(command);
  return key === null ? '' : ` ${key} ${does}`;
}

const byKey = computed(
  () => new Map(Object.entries(pageKeys.value.keys).flatMap(([command, keys]) => keys.map((key) => [key, command as PageCommandName] as const))),
);

/** What a key stands for, wherever on the page the focus is. */
export function commandOfKey({ key, code, shiftKey }: Pick<KeyboardEvent, 'key' | 'code' | 'shiftKey'>): PageCommandName | undefined {
  // With Shift a digit's key is another character, which one depends on the keyboard.
  const digit = /^Digit(\d)$/.exec(code)?.[1];
  const shifted = shiftKey ? byKey.value.get(`Shift+${digit ?? key.toUpperCase()}`) : undefined;
  return shifted ?? byKey.value.get(key.length === 1 ? key.toLowerCase() : key);
}
