/** Keys, palette commands and the help come from one list. */
import { describe, expect, it } from 'vitest';
import { PAGE_COMMANDS } from '../../../src/messages/page-commands.js';
import { commandOfKey, KEY_BINDINGS } from '../../../webview/keyboard.js';

const press = (key: string, { code = '', shiftKey = false } = {}) => commandOfKey({ key, code, shiftKey });

describe('the keys of the page', () => {
  it('are one binding for each command, and no key stands for two', () => {
    expect(KEY_BINDINGS.map(({ command }) => command).sort()).toEqual([...PAGE_COMMANDS].sort());
    const keys = KEY_BINDINGS.flatMap((binding) => binding.keys);
    expect(keys.filter((key, index) => keys.indexOf(key) !== index)).toEqual([]);
  });

  it('are what the help says they are', () => {
    const named: Record<string, string> = { '↓': 'ArrowDown', '↑': 'ArrowUp', PgDn: 'PageDown', PgUp: 'PageUp', Esc: 'Escape', Del: 'Delete' };
    for (const { keys, shown } of KEY_BINDINGS) {
      const said = shown.map((key) => named[key] ?? (key.length === 1 ? key.toLowerCase() : key)).filter((key) => key !== 'Ctrl+Z' && key !== 'Enter');
      expect(said).toEqual(keys);
    }
    expect(new Set(KEY_BINDINGS.map(({ does }) => does)).size).toBe(KEY_BINDINGS.length);
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
