/** What VS Code gives the extension of a workspace's settings, before it is trusted and after, and what comes of it. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { combineSetting, SETTING_RULES, type SettingName } from '../../src/editor/combine-settings.js';
import { LIMITS, type HostileWindow } from './hostile-window.js';

interface Seen {
  readonly isTrusted: boolean;
  readonly seen: Readonly<
    Record<
      string,
      readonly { readonly defaultValue?: unknown; readonly globalValue?: unknown; readonly workspaceValue?: unknown; readonly workspaceFolderValue?: unknown }[]
    >
  >;
}

const ALWAYS = ['endpoints.maxConcurrency', 'endpoints.requestTimeoutSeconds', 'endpoints.tokenLimit', 'findingCategories', 'forbidNetwork'];
const ONCE_TRUSTED = ['engine', 'gpu', 'threads', 'unloadAfterMinutes', 'waveSize'];
/** Stricter than what the hostile workspace says. */
const CHOSEN: Readonly<Partial<Record<SettingName, unknown>>> = {
  threads: 2,
  gpu: 'off',
  engine: 'native',
  waveSize: 8,
  unloadAfterMinutes: 1,
  modelFolder: '/mine',
  forbidNetwork: true,
  'endpoints.maxConcurrency': 2,
  'endpoints.tokenLimit': 1000,
  'endpoints.requestTimeoutSeconds': 60,
  author: 'Me',
  pageKeys: { revealing: ['1'] },
};

export function describeSettings(window: HostileWindow): void {
  test('of the settings of its workspace it is given what can make a run smaller, and none weakens what the user has chosen', async () => {
    const file = join(window.bed.workspace, 'settings-seen.json');
    await vi.waitUntil(() => existsSync(file), LIMITS);
    const { isTrusted, seen } = JSON.parse(readFileSync(file, 'utf8')) as Seen;
    expect(isTrusted).toBe(window.isTrusted);
    expect(Object.keys(seen).sort()).toEqual(Object.keys(SETTING_RULES).sort());
    const saidOf = (name: string) =>
      seen[name]!.flatMap(({ workspaceValue, workspaceFolderValue }) => [workspaceValue, workspaceFolderValue]).filter((value) => value !== undefined);
    expect(
      Object.keys(seen)
        .filter((name) => saidOf(name).length > 0)
        .sort(),
    ).toEqual([...ALWAYS, ...(isTrusted ? ONCE_TRUSTED : [])].sort());
    for (const [name, user] of Object.entries(CHOSEN)) {
      expect(combineSetting(name as SettingName, { fallback: seen[name]![0]!.defaultValue, user, workspace: saidOf(name) }), name).toEqual(user);
    }
  });
}
