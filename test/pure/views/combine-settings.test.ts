/** A workspace may be somebody else's: whatever it sets, the user's choice is not weakened. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { combineSetting, SETTING_RULES, type SettingName } from '../../../src/editor/combine-settings.js';

interface Section {
  readonly properties: Record<string, { default: unknown; scope: string }>;
}

const { contributes } = JSON.parse(readFileSync('package.json', 'utf8')) as { contributes: { configuration: readonly Section[] } };
const settings = Object.assign({}, ...contributes.configuration.map(({ properties }) => properties)) as Section['properties'];

test('every setting of the manifest has a rule, and no other', () => {
  expect(
    Object.keys(SETTING_RULES)
      .map((name) => `finetuneAuditor.${name}`)
      .sort(),
  ).toEqual(Object.keys(settings).sort());
});

test.each<[SettingName, unknown, unknown[], unknown]>([
  ['forbidNetwork', true, [false], true],
  ['forbidNetwork', false, [true], true],
  ['forbidNetwork', undefined, [false, true], true],
  ['forbidNetwork', undefined, [], false],
  ['gpu', 'off', ['auto'], 'off'],
  ['gpu', 'auto', ['off'], 'off'],
  ['threads', 2, [16], 2],
  ['threads', 2, [0], 2],
  ['threads', 0, [3], 3],
  ['endpoints.tokenLimit', 1000, [0], 1000],
  ['endpoints.tokenLimit', 1000, [5000], 1000],
  ['endpoints.tokenLimit', undefined, [500], 500],
  ['endpoints.tokenLimit', 0, [], 0],
  ['endpoints.maxConcurrency', 4, [1024], 4],
  ['endpoints.maxConcurrency', undefined, [1024], 32],
  ['endpoints.requestTimeoutSeconds', 10, [3600], 10],
  ['unloadAfterMinutes', 5, [1440], 5],
  ['waveSize', 8, [256], 8],
  ['modelFolder', '/mine', ['/theirs'], '/mine'],
  ['modelFolder', undefined, ['/theirs'], ''],
  ['author', 'Ada', ['Mallory'], 'Ada'],
  ['author', undefined, ['Mallory'], ''],
  ['engine', 'native', ['node-llama-cpp'], 'native'],
  ['engine', undefined, ['node-llama-cpp'], 'node-llama-cpp'],
  ['findingCategories', ['a'], [['b']], ['b']],
])('%s, by the user %j and by the workspace %j, is %j', (name, user, workspace, expected) => {
  const fallback = settings[`finetuneAuditor.${name}`]!.default;
  expect(combineSetting(name, { fallback, ...(user !== undefined && { user }), workspace })).toEqual(expected);
});

test('a workspace is given no field for what it has no say in, and has one for what it may make stricter', () => {
  const scopes = Object.entries(settings).map(([name, { scope }]) => [name.replace('finetuneAuditor.', ''), scope] as const);
  const closed = scopes.filter(([, scope]) => scope === 'application' || scope === 'machine').map(([name]) => name as SettingName);
  const ignored = scopes
    .map(([name]) => name as SettingName)
    .filter((name) => combineSetting(name, { fallback: 'default', workspace: ['theirs', true, 1, 'off'] }) === 'default');
  expect(closed.sort()).toEqual(ignored.sort());
});

test('values of a wrong type weaken nothing', () => {
  for (const value of ['0', null, NaN, -Infinity, {}])
    expect(combineSetting('endpoints.tokenLimit', { fallback: 0, user: 1000, workspace: [value] })).toBe(1000);
});
