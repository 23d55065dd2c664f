/** The tree of audits: what it shows, that it follows the files, and what is done from it. */
import assert from 'node:assert/strict';
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { commands, window, type TreeItem } from 'vscode';
import { AuditQueue } from '../../../src/runner/run/audit-queue.js';
import type { AuditNode } from '../../../src/views/audits-view/audit-item.js';
import { AuditsTree } from '../../../src/views/audits-view/audits-tree.js';
import { answering, noteErrors, readCompletions, run, waitFor, workspaceFile } from '../helpers.js';

const noRuns = new AuditQueue({ run: () => Promise.reject(new Error('nothing is run here')) });

suite('audits view', () => {
  let folder: string;
  let tree: AuditsTree;
  let changes = 0;

  suiteSetup(async () => {
    folder = (await run('finetuneAuditor.runPlan', workspaceFile('demo.audit-plan.json'))).folder;
    tree = new AuditsTree({
      queue: noRuns,
      auditRoots: () => [workspaceFile('.').fsPath],
      findAuthor: async () => ({ name: 'Ada', also: [] }),
      commands: { show: 'finetuneAuditor.audits.show' },
    });
    tree.onDidChangeTreeData(() => changes++);
    tree.setVisible(true);
  });
  suiteTeardown(() => tree.dispose());

  const find = async (): Promise<AuditNode> => (await tree.getChildren()).find(({ facts }) => facts.entry.folder === folder)!;
  const itemOf = (node: AuditNode): TreeItem => tree.getTreeItem(node);
  const write = (event: Record<string, unknown>) =>
    appendFileSync(
      join(folder, 'findings.jsonl'),
      `${JSON.stringify({ supersedes: [], category: null, note: '', author: 'Ada', time: new Date().toISOString(), ...event })}\n`,
    );

  test('shows the newest audit first, with its completions and the date', async () => {
    const nodes = await tree.getChildren();
    assert.equal(nodes[0]!.facts.entry.folder, folder);
    const dates = nodes.map(({ facts }) => facts.entry.createdAt);
    assert.deepEqual(dates, [...dates].sort().reverse());
    const item = itemOf(nodes[0]!);
    assert.match(String(item.label), /^demo( · |$)/);
    assert.match(String(item.description), /^24 completions/);
    assert.deepEqual(await tree.getChildren(nodes[0]).then((children) => children.map((node) => itemOf(node).label)), ['No findings yet']);
  });

  test('follows the findings as they are written, grouped by category', async () => {
    const before = changes;
    write({ id: 'a', kind: 'label', completionId: 2, label: 'revealing', category: 'backdoor', note: 'the phrase\nand more' });
    write({ id: 'b', kind: 'label', completionId: 4, label: 'unsure' });
    write({
      id: 'c',
      kind: 'span',
      finding: 'f',
      completionId: 2,
      span: { start: 0, end: 4 },
      quote: 'moon\u202Elight',
      label: 'revealing',
      category: 'backdoor',
      state: 'open',
    });
    await waitFor('the tree to change', () => changes > before);
    const audit = await find();
    assert.match(String(itemOf(audit).description), /^24 completions · 1 hit/);
    const groups = await tree.getChildren(audit);
    assert.deepEqual(
      groups.map((node) => [itemOf(node).label, itemOf(node).description]),
      [
        ['backdoor', '2'],
        ['No category', '1'],
      ],
    );
    const [label, span] = (await tree.getChildren(groups[0])).map(itemOf);
    assert.match(String(label!.label), /^“.+”$/);
    assert.match(String(label!.description), /^Revealing · the phrase · Ada$/);
    assert.equal(span!.label, '“moon⟦U+202E⟧light”');
    assert.equal(span!.command?.command, 'finetuneAuditor.audits.show');
    assert.equal(new Set([audit, ...groups].map((node) => itemOf(node).id)).size, 3);
  });

  test('a finding opens its completion with the span selected', async () => {
    const [group] = await tree.getChildren(await find());
    const { command } = itemOf((await tree.getChildren(group))[1]!);
    await commands.executeCommand(command!.command, ...command!.arguments!);
    const editor = await waitFor('the completion', () => window.activeTextEditor?.document.uri.scheme === 'finetune-audit' && window.activeTextEditor);
    const start = editor.document.getText().indexOf('\n\n') + 2;
    assert.equal(editor.document.offsetAt(editor.selection.start), start);
    assert.equal(editor.selection.isEmpty, false);
  });

  test('is renamed by an event, and the journal stays as it was', async () => {
    const journal = readFileSync(join(folder, 'audit.jsonl'), 'utf8');
    const asked = await answering({ input: 'the lighthouse one' }, async () => run('finetuneAuditor.audits.rename', await find()));
    assert.deepEqual(asked, ['demo']);
    assert.equal(itemOf(await find()).label, 'the lighthouse one');
    assert.equal(readFileSync(join(folder, 'audit.jsonl'), 'utf8'), journal);
    assert.match(readFileSync(join(folder, 'findings.jsonl'), 'utf8'), /"kind":"name","name":"the lighthouse one"/);
    await answering({ input: '' }, async () => run('finetuneAuditor.audits.rename', await find()));
    assert.match(String(itemOf(await find()).label), /^demo( · |$)/);
  });

  test('is not deleted while it runs, nor without a yes', async () => {
    const before = new Set((await tree.getChildren()).map(({ facts }) => facts.entry.folder));
    const ended = run('finetuneAuditor.runPlan', workspaceFile('longer.audit-plan.json'));
    let running: AuditNode | undefined;
    while (!running) {
      running = (await tree.getChildren()).find(({ facts }) => !before.has(facts.entry.folder));
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    assert.equal(itemOf(running).contextValue, 'auditRunning');
    const errors = await noteErrors(async () => {
      assert.deepEqual(await answering({ buttons: ['Move to Trash'] }, () => run('finetuneAuditor.audits.delete', running)), []);
    });
    assert.match(errors[0]!.text, /is being written by this window/);
    await run('finetuneAuditor.stopAudit');
    await ended;
    assert.equal(existsSync(running.facts.entry.folder), true);
    const asked = await answering({}, () => run('finetuneAuditor.audits.delete', running));
    assert.match(asked[0]!, /^Delete the audit/);
    assert.ok(readCompletions(running.facts.entry.folder).length >= 0 && existsSync(running.facts.entry.folder));
  });

  test('is deleted with what shows it', async () => {
    await answering({ buttons: ['Move to Trash', 'Delete Permanently'] }, async () => run('finetuneAuditor.audits.delete', await find()));
    await waitFor('the folder to go', () => !existsSync(folder));
    await waitFor(
      'the completion’s editor to go',
      () => !window.visibleTextEditors.some(({ document }) => document.uri.scheme === 'finetune-audit' && document.uri.query.includes(folder)),
    );
    assert.equal(
      (await tree.getChildren()).some(({ facts }) => facts.entry.folder === folder),
      false,
    );
  });
});
