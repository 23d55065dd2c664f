import assert from 'node:assert/strict';
import { copyFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Uri } from 'vscode';
import type { AuditResult } from '../../../src/commands/command-ids.js';
import {
  findAuditTabs,
  findExtension,
  findModelProcesses,
  listAuditFolders,
  listLoadedLibraries,
  measureLongestBlock,
  noteErrors,
  readCompletions,
  readJournalLines,
  recordMeasurement,
  run,
  waitFor,
  workspaceFile,
} from '../helpers.js';

const DEMO = 'demo.audit-plan.json';
const LONGER = 'longer.audit-plan.json';
const DEMO_COMPLETIONS = 24;
const LONGER_COMPLETIONS = 128;

/** Starts a plan and waits until some of its completions, but not all, are journalled. */
async function startAndWait(plan: string): Promise<{ folder: string; ended: Thenable<AuditResult> }> {
  const before = new Set(listAuditFolders());
  const ended = run('finetuneAuditor.runPlan', workspaceFile(plan));
  const folder = await waitFor('the audit’s first completions', () =>
    listAuditFolders().find((path) => !before.has(path) && readCompletions(path).length >= 8),
  );
  return { folder, ended };
}

suite('audits', () => {
  test('a plan runs to its end, with every completion in the journal and its page open', async () => {
    const result = await run('finetuneAuditor.runPlan', workspaceFile(DEMO));
    assert.equal(result.state, 'finished');
    assert.equal(result.completions, DEMO_COMPLETIONS);
    const lines = readJournalLines(result.folder);
    assert.equal(lines[0]?.type, 'header');
    assert.deepEqual(
      readCompletions(result.folder).map((line) => line.id),
      Array.from({ length: DEMO_COMPLETIONS }, (_, id) => id),
    );
    assert.equal(lines.at(-1)?.event, 'finished');
    await waitFor('the page', () => findAuditTabs().includes('Audit: demo'));
  });

  test('of two audits the second waits for the first', async () => {
    const both = await Promise.all([run('finetuneAuditor.runPlan', workspaceFile(DEMO)), run('finetuneAuditor.runPlan', workspaceFile(LONGER))]);
    assert.deepEqual(
      both.map((result) => result.state),
      ['finished', 'finished'],
    );
    assert.notEqual(both[0].folder, both[1].folder);
    const runs = both.map(({ folder }) => readJournalLines(folder).filter((line) => line.type === 'run'));
    const times = runs.map((lines) => lines.map((line) => Date.parse(line.time!))).sort((a, b) => a[0]! - b[0]!);
    assert.ok(times[0]!.at(-1)! <= times[1]![0]!, 'the later one began after the earlier one had ended');
  });

  test('an audit that is stopped keeps its journal, and resumed comes to what it would have been', async () => {
    const { folder, ended } = await startAndWait(LONGER);
    await run('finetuneAuditor.stopAudit', folder);
    const stopped = await ended;
    assert.equal(stopped.state, 'stopped');
    const kept = readCompletions(folder);
    assert.ok(kept.length >= 8 && kept.length < LONGER_COMPLETIONS, `${kept.length} completions were kept`);

    const resumed = await run('finetuneAuditor.resumeAudit', folder);
    assert.equal(resumed.state, 'finished');
    assert.equal(resumed.folder, folder);
    const whole = await run('finetuneAuditor.runPlan', workspaceFile(LONGER));
    assert.deepEqual(readCompletions(folder), readCompletions(whole.folder));
  });

  test('an audit that is stopped lets the one that waits begin', async () => {
    const { folder, ended } = await startAndWait(LONGER);
    const waiting = run('finetuneAuditor.runPlan', workspaceFile(DEMO));
    await run('finetuneAuditor.stopAudit', folder);
    assert.equal((await ended).state, 'stopped');
    assert.equal((await waiting).state, 'finished');
  });

  test('a model process that dies ends its audit with a way to resume, and the host lives on', async () => {
    const { folder, ended } = await startAndWait(LONGER);
    const errors = await noteErrors(async () => {
      for (const pid of findModelProcesses()) process.kill(pid, 'SIGKILL');
      assert.equal((await ended).state, 'failed');
    });
    assert.equal(errors.length, 1);
    assert.deepEqual(errors[0]!.buttons, ['Resume', 'Show Log']);
    const kept = readCompletions(folder).length;
    assert.ok(kept >= 8 && kept < LONGER_COMPLETIONS);
    assert.equal((await run('finetuneAuditor.resumeAudit', folder)).completions, LONGER_COMPLETIONS);
  });

  test('a damaged model file is named, with a way out, and nothing stays behind', async () => {
    const broken = workspaceFile('broken.gguf').fsPath;
    copyFileSync(join(findExtension().extensionPath, 'media/demo/base-a.f16.gguf'), broken);
    truncateSync(broken, 300_000);
    const plan = workspaceFile('broken.audit-plan.json').fsPath;
    writeFileSync(plan, JSON.stringify({ finetuned: 'broken.gguf', reference: 'bundled:base-a', corpus: 'bundled:demo', prefills: 4 }));
    let result: AuditResult | undefined;
    const errors = await noteErrors(async () => (result = await run('finetuneAuditor.runPlan', Uri.file(plan))));
    assert.equal(result?.state, 'failed');
    assert.equal(errors.length, 1);
    assert.match(errors[0]!.text, /broken\.gguf/);
    assert.deepEqual(errors[0]!.buttons, ['Choose Again…', 'Show Log']);
    assert.deepEqual(readCompletions(result!.folder), []);
  });

  test('a plan that says something impossible is refused with the place of it', async () => {
    let result: AuditResult | undefined;
    const before = listAuditFolders();
    const errors = await noteErrors(async () => (result = await run('finetuneAuditor.runPlan', workspaceFile('wrong.audit-plan.json'))));
    assert.equal(result, undefined);
    assert.match(errors[0]!.text, /wrong\.audit-plan\.json, line \d+/);
    assert.deepEqual(listAuditFolders(), before);
  });

  test('of two audits that are begun in the same moment each gets a folder of its own', async () => {
    const both = await Promise.all([run('finetuneAuditor.runPlan', workspaceFile(DEMO)), run('finetuneAuditor.runPlan', workspaceFile(DEMO))]);
    assert.deepEqual(
      both.map(({ state, completions }) => [state, completions]),
      [
        ['finished', DEMO_COMPLETIONS],
        ['finished', DEMO_COMPLETIONS],
      ],
    );
    assert.notEqual(both[0].folder, both[1].folder);
    for (const { folder } of both) assert.equal(readCompletions(folder).length, DEMO_COMPLETIONS);
  });

  test('models compute in a process of their own: the host never loads their library', async () => {
    const { ended } = await startAndWait(LONGER);
    const children = findModelProcesses();
    assert.equal(children.length, 1);
    assert.ok(listLoadedLibraries(children[0]!).some((path) => path.includes('libllama')));
    assert.equal((await ended).state, 'finished');
    assert.deepEqual(
      listLoadedLibraries(process.pid).filter((path) => /llama|ggml/.test(path)),
      [],
    );
  });

  test('measures how long the host does nothing else while an audit runs', async () => {
    let result: AuditResult | undefined;
    const start = performance.now();
    const auditing = await measureLongestBlock(async () => (result = await run('finetuneAuditor.runPlan', workspaceFile(LONGER))));
    const elapsed = performance.now() - start;
    const idle = await measureLongestBlock(() => new Promise((resolve) => setTimeout(resolve, elapsed)));
    assert.equal(result?.state, 'finished');
    recordMeasurement('longestBlockOfHostMs', { auditing: Math.round(auditing), idle: Math.round(idle), duration: Math.round(elapsed) });
  });

  test('a finished audit that is resumed stays as it is', async () => {
    const finished = listAuditFolders().find((folder) => readJournalLines(folder).at(-1)?.event === 'finished')!;
    const before = readCompletions(finished);
    const result = await run('finetuneAuditor.resumeAudit', finished);
    assert.equal(result.state, 'finished');
    assert.deepEqual(readCompletions(finished), before);
  });

  test('models are unloaded on command', async () => {
    await run('finetuneAuditor.unloadModels');
    await waitFor('the model process to end', () => findModelProcesses().length === 0);
  });
});
