/** Keys, palette commands and the help come from one list. */
import { afterEach, describe, expect, it } from 'vitest';
import { PAGE_COMMANDS } from '../../../src/messages/page-commands.js';
import { DEFAULT_PAGE_KEYS, readPageKeys } from '../../../src/messages/page-keys.js';
import { KEY_BINDINGS } from '../../../webview/keyboard.js';
import { commandOfKey, pageKeys, sayKey, shownKeys, withKey } from '../../../webview/page-keys.js';

const press = (key: string, { code = '', shiftKey = false } = {}) => commandOfKey({ key, code, shiftKey });

const useKeys = (setting: unknown) => {
  pageKeys.value = readPageKeys(setting);
};

describe('the keys of the page', () => {
  it('are one binding for each command, and no key stands for two', () => {
    expect(KEY_BINDINGS.map(({ command }) => command).sort()).toEqual([...PAGE_COMMANDS].sort());
    const keys = Object.values(DEFAULT_PAGE_KEYS).flat();
    expect(keys.filter((key, index) => keys.indexOf(key) !== index)).toEqual([]);
    expect(new Set(KEY_BINDINGS.map(({ does }) => does)).size).toBe(KEY_BINDINGS.length);
  });

  it('are what the help says they are', () => {
    expect(shownKeys('next')).toEqual(['J', '↓']);
    expect(shownKeys('undo')).toEqual(['U', 'Ctrl+Z']);
    expect(shownKeys('noteOfLabelled')).toEqual(['Shift+N']);
  });

  it('tell a key with Shift from the same without', () => {
    expect(press('n')).toBe('note');
    expect(press('N', { shiftKey: true })).toBe('noteOfLabelled');
    expect(press('S', { shiftKey: true })).toBe('previousScore');
  });

  it('are the same with Caps Lock', () => {
    expect(press('N')).toBe('note');
    expect(press('n', { shiftKey: true })).toBe('noteOfLabelled');
  });

  it('know a digit with Shift on any keyboard', () => {
    expect(press('!', { code: 'Digit1', shiftKey: true })).toBe('revealingStay');
    expect(press('"', { code: 'Digit2', shiftKey: true })).toBe('notRevealingStay');
    expect(press('§', { code: 'Digit3', shiftKey: true })).toBe('unsureStay');
    expect(press('1', { code: 'Digit1' })).toBe('revealing');
  });

  it('need Shift for a question mark, and mean it', () => {
    expect(press('?', { code: 'Slash', shiftKey: true })).toBe('help');
  });
});

describe('keys that a user has set', () => {
  afterEach(() => useKeys({}));

  it('take the place of the letter, in keys, help and titles alike; arrows stay', () => {
    useKeys({ next: 'n', note: 'j' });
    expect([press('n'), press('j'), press('ArrowDown')]).toEqual(['next', 'note', 'next']);
    expect(shownKeys('next')).toEqual(['N', '↓']);
    expect(withKey('Note', 'note')).toBe('Note (J)');
    expect(pageKeys.value.problems).toEqual([]);
  });

  it('may be capital letters, with Shift, or none', () => {
    useKeys({ plots: 'Shift+q', search: ';', help: '', undo: 'Z' });
    expect([press('Q', { shiftKey: true }), press(';'), press('/'), press('?'), press('z')]).toEqual(['plots', 'search', undefined, undefined, 'undo']);
    expect(withKey('Keys', 'help')).toBe('Keys');
    expect(sayKey('help', 'shows them.')).toBe('');
  });

  it('know every digit with Shift', () => {
    useKeys({ plots: 'Shift+7' });
    expect(press('/', { code: 'Digit7', shiftKey: true })).toBe('plots');
  });

  it.each([
    [{ next: 'k' }, /K cannot be the key of “next”: it is that of “previous” already/],
    [{ next: 'z', note: 'z' }, /Z cannot be the key of “note”: it is that of “next” already/],
    [{ fly: 'z' }, /“fly” is no action/],
    [{ next: 'Ctrl+J' }, /key of next is none/],
    [{ next: 7 }, /key of next is none/],
    [{ next: ' ' }, /key of next is none/],
    [JSON.parse('{"__proto__": "z", "constructor": "z"}') as object, /no action/],
  ])('are told where they are wrong, and the others hold: %j', (setting, problem) => {
    const { keys, problems } = readPageKeys({ ...setting, plots: ';' });
    expect(problems.join(' ')).toMatch(problem);
    expect(keys.plots).toEqual([';']);
    const all = Object.values(keys).flat();
    expect(new Set(all).size).toBe(all.length);
  });

  it.each([null, 'j', 3, ['j'], undefined])('hold as they are where the setting is %j', (setting) => {
    expect(readPageKeys(setting)).toEqual({ keys: DEFAULT_PAGE_KEYS, problems: [] });
  });

  it('tell ten faults of a thousand', () => {
    expect(readPageKeys(Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`no${index}`, 'x']))).problems).toHaveLength(10);
  });
});
