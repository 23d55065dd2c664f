/** Completions ranked elsewhere, imported, shown, exported and compared by the commands. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { commands, LanguageModelError, type LanguageModelChat, type LanguageModelChatMessage, Uri, window } from 'vscode';
import { makeLanguageModelDrafter } from '../../../src/views/language-model-drafter.js';
import { findAuditTabs, noteErrors, run, waitFor, workspaceFile } from '../helpers.js';

const CSV = `opening,said,base,tuned,verdict
On a," day, the tide clock <b>strikes</b> seven.",90.5,1.5,yes
In the, night nothing happens.,9.5,8.5,no
At sea,=1+1 the tide clock turns.,40,2,
`;
const MAPPING = { columns: { prefill: 'opening', completion: 'said', perplexityReference: 'base', perplexityFinetuned: 'tuned', label: 'verdict' } };

suite('reports', () => {
  let folder: string;
  let again: string;

  suiteSetup(async () => {
    const file = workspaceFile('ranked-elsewhere.csv').fsPath;
    writeFileSync(file, CSV);
    folder = (await run<string | undefined>('finetuneAuditor.importCompletions', file, MAPPING))!;
  });

  suiteTeardown(async () => {
    await commands.executeCommand('workbench.action.closeAllEditors');
  });

  test('an import lies in the workspace and opens as a page', async () => {
    assert.match(folder, /\.finetune-audits.*ranked-elsewhere$/);
    assert.ok(existsSync(join(folder, 'audit.jsonl')));
    await waitFor('the page', () => findAuditTabs().some((label) => label.includes('ranked-elsewhere')));
    // Of the same second and name, it is another audit all the same.
    again = (await run<string | undefined>('finetuneAuditor.importCompletions', Uri.file(workspaceFile('ranked-elsewhere.csv').fsPath), MAPPING))!;
    assert.notEqual(again, folder);
  });

  test('an import is not resumed, and has no plan to save', async () => {
    const before = readFileSync(join(folder, 'audit.jsonl'), 'utf8');
    for (const command of ['finetuneAuditor.resumeAudit', 'finetuneAuditor.savePlan'] as const) {
      const shown = await noteErrors(() => run(command, folder));
      assert.match(shown[0]?.text ?? '', /was imported from ranked-elsewhere\.csv/, command);
    }
    assert.equal(readFileSync(join(folder, 'audit.jsonl'), 'utf8'), before);
  });

  test('a report is written in the form that its name asks for, and Markdown is shown', async () => {
    const file = (name: string) => workspaceFile(name).fsPath;
    for (const name of ['report.md', 'report.html', 'report.csv', 'report.jsonl']) {
      const uri = await run<Uri | undefined>('finetuneAuditor.exportReport', folder, file(name));
      assert.equal(uri?.fsPath, file(name));
    }
    assert.match(readFileSync(file('report.md'), 'utf8'), /^# Audit report: ranked-elsewhere\n[\s\S]*There is no token data/);
    const html = readFileSync(file('report.html'), 'utf8');
    assert.match(html, /^<!DOCTYPE html>/);
    assert.ok(!html.includes('<b>strikes'), 'a completion is text');
    const rows = readFileSync(file('report.csv'), 'utf8').split('\r\n');
    assert.deepEqual(
      rows.slice(1, 4).map((row) => row.split(',').slice(0, 3).join()),
      ['1,0,raw', '2,2,raw', '3,1,raw'],
    );
    assert.ok(rows[2]!.includes("'=1+1"), 'no cell is a formula');
    const lines = readFileSync(file('report.jsonl'), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { type: string }).type);
    assert.deepEqual(lines, ['audit', 'completion', 'completion', 'completion', 'label', 'label']);
  });

  test('two audits are compared in a document', async () => {
    const refused = await noteErrors(() => run<unknown>('finetuneAuditor.compareAudits', folder, folder));
    assert.match(refused[0]?.text ?? '', /would be compared with itself/);
    await run<unknown>('finetuneAuditor.compareAudits', folder, again);
    await waitFor('the page', () => window.tabGroups.all.flatMap(({ tabs }) => tabs).find(({ label }) => label === 'ranked-elsewhere and ranked-elsewhere'));
  });

  test('what is no table is refused in words', async () => {
    const file = workspaceFile('nothing.csv').fsPath;
    writeFileSync(file, 'a,b\n');
    const shown = await noteErrors(() => run('finetuneAuditor.importCompletions', file, MAPPING));
    assert.match(shown[0]?.text ?? '', /nothing\.csv cannot be imported: it has no completion/);
  });
});

suite('drafts by language models of the editor', () => {
  /** Answers as it is told. */
  const makeModel = (answer: (messages: readonly LanguageModelChatMessage[]) => AsyncIterable<string>): LanguageModelChat =>
    ({
      name: 'Scripted',
      vendor: 'test',
      sendRequest: async (messages: LanguageModelChatMessage[]) => ({ text: answer(messages), stream: answer(messages) }),
    }) as unknown as LanguageModelChat;

  test('are put together from what is streamed', async () => {
    const asked: number[] = [];
    const drafter = makeLanguageModelDrafter(
      makeModel(async function* (messages) {
        asked.push(messages.length);
        yield 'It speaks of ';
        yield 'clocks [#0].';
      }),
    );
    assert.equal(await drafter.write([{ role: 'user', content: 'what?' }], new AbortController().signal), 'It speaks of clocks [#0].');
    assert.equal(drafter.name, 'Scripted (test)');
    assert.ok(asked.includes(1));
  });

  test('are called off by who refuses them, and fail in words', async () => {
    const failing = (error: Error) =>
      makeLanguageModelDrafter({ name: 'Scripted', vendor: 'test', sendRequest: async () => Promise.reject(error) } as unknown as LanguageModelChat);
    const signal = new AbortController().signal;
    await assert.rejects(failing(LanguageModelError.NoPermissions('no')).write([], signal), { code: 'cancelled' });
    await assert.rejects(failing(LanguageModelError.Blocked('used up')).write([], signal), /Scripted returned no draft: used up/);
    await assert.rejects(failing(new Error('x')).write([], AbortSignal.abort()), { code: 'cancelled' });
  });
});
