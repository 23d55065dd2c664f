/** An audit is packed, unpacked elsewhere, and opened. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { strFromU8, unzipSync } from 'fflate';
import { commands, type Uri } from 'vscode';
import { exportAudit } from '../../../src/records/journal/export-audit.js';
import { findAuditTabs, findExtension, noteErrors, readCompletions, run, waitFor, workspaceFile } from '../helpers.js';

suite('export of an audit', () => {
  suiteTeardown(() => commands.executeCommand('workbench.action.closeAllEditors'));

  test('gives the archive of the command line, which says nothing of this machine and opens where it is unpacked', async () => {
    const { folder } = await run('finetuneAuditor.runPlan', workspaceFile('demo.audit-plan.json'));
    const file = workspaceFile('shared.zip').fsPath;
    const uri = await run<Uri | undefined>('finetuneAuditor.exportAudit', folder, file);
    assert.equal(uri?.fsPath, file);
    const files = unzipSync(readFileSync(file));
    const [name] = Object.keys(files)[0]!.split('/');
    const { archive } = await exportAudit(folder, name!);
    assert.deepEqual(files, unzipSync(archive));

    const text = Object.values(files)
      .map((bytes) => strFromU8(bytes))
      .join('');
    for (const place of [findExtension().extensionPath, workspaceFile('.').fsPath, homedir(), tmpdir(), folder]) {
      assert.ok(!text.includes(`${place}/`), `${place} is told`);
    }
    const unpacked = workspaceFile('unpacked').fsPath;
    for (const [path, bytes] of Object.entries(files)) {
      mkdirSync(dirname(join(unpacked, path)), { recursive: true });
      writeFileSync(join(unpacked, path), bytes);
    }
    const opened = join(unpacked, name!);
    assert.deepEqual(readCompletions(opened), readCompletions(folder));
    await commands.executeCommand('workbench.action.closeAllEditors');
    assert.deepEqual(await noteErrors(() => run<unknown>('finetuneAuditor.openAudit', opened)), []);
    await waitFor('the page', () => findAuditTabs().some((label) => label.includes('demo')));
  });

  test('of what is no audit is refused in words', async () => {
    const shown = await noteErrors(() => run<unknown>('finetuneAuditor.exportAudit', workspaceFile('nowhere').fsPath, workspaceFile('nothing.zip').fsPath));
    assert.match(shown[0]?.text ?? '', /There is no .*nowhere/);
  });
});
