// @vitest-environment happy-dom
/** Which keys are the page's, and which belong to a field or to VS Code. */
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { PageCommands } from '../../../webview/commands.js';
import { Keyboard } from '../../../webview/keyboard.js';
import { PageState } from '../../../webview/state/page-state.js';
import { RecordingHost } from './recording-host.js';

let commands: PageCommands;
let run: ReturnType<typeof vi.fn<PageCommands['run']>>;
let keyboard: Keyboard;

beforeEach(() => {
  document.body.innerHTML = '';
  commands = new PageCommands(new PageState(new RecordingHost(), { getState: () => undefined, setState: () => undefined }));
  run = vi.fn<PageCommands['run']>();
  commands.run = run;
  keyboard = new Keyboard(commands);
});

/** Pressed where the markup's last element is; answers what the page ran. */
function press(key: string, { on = '<div></div>', time = 0, ...keys }: KeyboardEventInit & { on?: string; time?: number } = {}): string[] {
  document.body.innerHTML = on;
  const element = [...document.body.querySelectorAll('*')].at(-1)!;
  const event = new KeyboardEvent('keydown', { key, bubbles: true, composed: true, cancelable: true, ...keys });
  Object.defineProperty(event, 'timeStamp', { value: time });
  run.mockClear();
  document.addEventListener('keydown', (heard) => keyboard.handle(heard), { once: true });
  element.dispatchEvent(event);
  return run.mock.calls.map(([command]) => command);
}

describe('keys', () => {
  it.each(['j', 'k', '1', '2', '3'])('work on a radio button and a checkbox: %s', (key) => {
    expect(press(key, { on: '<input type="radio">' })).toHaveLength(1);
    expect(press(key, { on: '<input type="checkbox">' })).toHaveLength(1);
  });

  it.each(['ArrowDown', 'ArrowUp', 'Home'])('that move between radio buttons stay theirs: %s', (key) => {
    expect(press(key, { on: '<input type="radio">' })).toEqual([]);
    expect(press(key, { on: '<input type="range">' })).toEqual([]);
    expect(press(key)).toHaveLength(1);
  });

  it.each(['<input>', '<input type="number">', '<textarea></textarea>', '<vscode-text-field></vscode-text-field>'])('are typed in %s', (on) => {
    expect(press('1', { on })).toEqual([]);
  });

  it('are VS Code’s after one that may begin a chord, which is said', () => {
    for (const first of [
      { key: 'k', ctrlKey: true },
      { key: 'k', metaKey: true },
      { key: 'm', ctrlKey: true, shiftKey: true },
      { key: 'x', altKey: true },
    ]) {
      expect(press(first.key, first)).toEqual([]);
      expect(press('Shift', { shiftKey: true })).toEqual([]);
      expect(press('1')).toEqual([]);
      expect(commands.notice.value).toMatch(/left to VS Code/);
      expect(press('1')).toEqual(['revealing']);
    }
  });

  it('are the page’s again when the chord is over', () => {
    press('k', { ctrlKey: true });
    expect(press('1', { time: 6000 })).toEqual(['revealing']);
    press('k', { ctrlKey: true });
    keyboard.endChord();
    expect(press('1')).toEqual(['revealing']);
  });

  it('are not held up by the clipboard, undo or characters typed with Alt', () => {
    press('c', { ctrlKey: true });
    expect(press('j')).toEqual(['next']);
    expect(press('z', { ctrlKey: true })).toEqual(['undo']);
    expect(press('j')).toEqual(['next']);
    press('@', { altKey: true, on: '<input>' });
    expect(press('j')).toEqual(['next']);
  });
});
