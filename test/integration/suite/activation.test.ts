import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { commands } from 'vscode';
import { COMMAND_IDS } from '../../../src/commands/command-ids.js';
import { findAuditTabs, findExtension, findModelProcesses, listAuditFolders, run } from '../helpers.js';

suite('activation', () => {
  test('does no work: no process, no folder, no page', async () => {
    await findExtension().activate();
    assert.deepEqual(findModelProcesses(), []);
    assert.deepEqual(listAuditFolders(), []);
    assert.deepEqual(findAuditTabs(), []);
  });

  test('registers every command of the manifest', async () => {
    const registered = new Set(await commands.getCommands(true));
    assert.deepEqual(
      COMMAND_IDS.filter((id) => !registered.has(id)),
      [],
    );
  });

  test('unloading and stopping where nothing runs start nothing', async () => {
    await run('finetuneAuditor.unloadModels');
    await run('finetuneAuditor.stopAudit');
    assert.deepEqual(findModelProcesses(), []);
  });

  test('has its programs where it looks for them', () => {
    for (const name of ['extension.cjs', 'model-process.mjs', 'template-process.mjs', 'parent-watch.mjs', 'webview.js', 'webview.css']) {
      assert.ok(existsSync(`${findExtension().extensionPath}/dist/${name}`), name);
    }
  });
});
