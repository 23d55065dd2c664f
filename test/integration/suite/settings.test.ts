/** What the user and the workspace set, as VS Code gives it to the extension. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { ConfigurationTarget, workspace } from 'vscode';
import { readSettings } from '../../../src/editor/settings.js';
import { waitFor, workspaceFile } from '../helpers.js';

type Values = Record<string, unknown>;

/** Sets in both places, reads, and takes it all back. */
async function readWith(user: Values, ofWorkspace: Values): Promise<ReturnType<typeof readSettings>> {
  const names = new Set([...Object.keys(user), ...Object.keys(ofWorkspace)]);
  const update = async (values: Values, target: ConfigurationTarget) => {
    for (const name of names) await workspace.getConfiguration('finetuneAuditor').update(name, values[name], target);
  };
  try {
    await update(user, ConfigurationTarget.Global);
    await update(ofWorkspace, ConfigurationTarget.Workspace);
    return readSettings();
  } finally {
    await update({}, ConfigurationTarget.Workspace);
    await update({}, ConfigurationTarget.Global);
  }
}

suite('settings', () => {
  test('the network is forbidden by whoever forbids it, and allowed by nobody else', async () => {
    for (const [user, ofWorkspace, expected] of [
      [true, false, true],
      [false, true, true],
      [undefined, true, true],
      [true, undefined, true],
      [false, false, false],
    ] as const) {
      const { forbidNetwork } = await readWith({ forbidNetwork: user }, { forbidNetwork: ofWorkspace });
      assert.equal(forbidNetwork, expected, `user ${user}, workspace ${ofWorkspace}`);
    }
  });

  test('of limits the smaller holds, and none of the workspace is no way out of one', async () => {
    const user = { 'endpoints.tokenLimit': 1000, 'endpoints.maxConcurrency': 4, 'endpoints.requestTimeoutSeconds': 60 };
    const larger = await readWith(user, { 'endpoints.tokenLimit': 0, 'endpoints.maxConcurrency': 1024, 'endpoints.requestTimeoutSeconds': 3600 });
    assert.deepEqual([larger.tokenLimit, larger.maxConcurrency, larger.requestTimeoutSeconds], [1000, 4, 60]);
    const smaller = await readWith(user, { 'endpoints.tokenLimit': 500, 'endpoints.maxConcurrency': 2, 'endpoints.requestTimeoutSeconds': 10 });
    assert.deepEqual([smaller.tokenLimit, smaller.maxConcurrency, smaller.requestTimeoutSeconds], [500, 2, 10]);
    const only = await readWith({}, { 'endpoints.tokenLimit': 500, 'endpoints.maxConcurrency': 1024 });
    assert.deepEqual([only.tokenLimit, only.maxConcurrency], [500, 32]);
  });

  test('who signs, and where downloads go, is not for a workspace to say, whatever stands in its file', async () => {
    const file = workspaceFile('.vscode/settings.json').fsPath;
    const before = existsSync(file) ? readFileSync(file) : undefined;
    mkdirSync(dirname(file), { recursive: true });
    const said = { author: 'Mallory', modelFolder: '/theirs', forbidNetwork: true };
    try {
      writeFileSync(file, JSON.stringify(Object.fromEntries(Object.entries(said).map(([name, value]) => [`finetuneAuditor.${name}`, value]))));
      const { author, modelFolder } = await waitFor('the file to be read', () => readSettings().forbidNetwork && readSettings());
      assert.deepEqual([author, modelFolder], ['', '']);
    } finally {
      if (before) writeFileSync(file, before);
      else rmSync(file);
      await waitFor('the file to be gone', () => !readSettings().forbidNetwork);
    }
  });
});
