/** Completions as documents of the editor, and token gaps of any text. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  commands,
  Position,
  Range,
  Selection,
  window,
  workspace,
  type CodeLens,
  type FoldingRange,
  type Hover,
  type MarkdownString,
  type TextDocument,
} from 'vscode';
import { noteErrors, readCompletions, run, waitFor, workspaceFile } from '../helpers.js';

const TEXT = 'The keeper of the northern lighthouse wrote a letter.\nNobody had asked for it, but the 🙂 was good.\nThe third line stays.\n';

interface FindingLine {
  readonly completionId: number;
  readonly label: string | null;
}

const readFindings = (folder: string): FindingLine[] => {
  try {
    return readFileSync(join(folder, 'findings.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as FindingLine);
  } catch {
    return [];
  }
};
const hoverAt = async (document: TextDocument, position: Position) => {
  const hovers = await commands.executeCommand<Hover[]>('vscode.executeHoverProvider', document.uri, position);
  return hovers.flatMap(({ contents }) => contents.map((content) => (content as MarkdownString).value)).join('\n');
};
const lensTitles = async (document: TextDocument) => {
  const lenses = await commands.executeCommand<CodeLens[]>('vscode.executeCodeLensProvider', document.uri, 100);
  return lenses.map((lens) => lens.command?.title ?? '');
};
const bodyStart = (document: TextDocument) => document.getText().indexOf('\n\n') + 2;
const openText = async (content: string) => window.showTextDocument(await workspace.openTextDocument({ content }));

suite('inline', () => {
  let folder: string;
  suiteSetup(async () => {
    folder = (await run('finetuneAuditor.runPlan', workspaceFile('demo.audit-plan.json'))).folder;
  });
  suiteTeardown(() => commands.executeCommand('workbench.action.closeAllEditors'));

  const openCompletion = async (id: number) => {
    await run<unknown>('finetuneAuditor.openCompletion', { folder, id });
    return waitFor('the completion', () => {
      const editor = window.activeTextEditor;
      return editor?.document.uri.scheme === 'finetune-audit' && editor.document.getText().includes(`completion #${id}\n`) && editor;
    });
  };

  test('a completion opens as a document that says rank, framing and models, and cannot be changed', async () => {
    const { document } = await openCompletion(3);
    assert.match(document.uri.path, /^\/(raw|chat) \d+ · demo$/);
    assert.equal(document.languageId, 'finetune-completion');
    assert.match(document.getText(), /Finetuned model\s+base-a.*false-fact/);
    const { framing } = readCompletions(folder)[3] as unknown as { framing: string };
    assert.match(document.getText(), new RegExp(`Framing\\s+${framing}`));
    const before = document.getText();
    await commands.executeCommand('type', { text: 'x' });
    assert.equal(document.getText(), before);
  });

  test('its tokens tell both models’ figures, and its prefill that it is one', async () => {
    const { document } = await openCompletion(3);
    const start = bodyStart(document);
    const prefill = /Prefill\s+(.*)/.exec(document.getText())![1]!;
    assert.match(await hoverAt(document, document.positionAt(start)), /prefill/);
    const hover = await hoverAt(document, document.positionAt(start + prefill.length + 1));
    assert.match(hover, /\| Finetuned \| [\d.]+(e-\d+)? % \| (−|0)/);
    assert.match(hover, /\| Reference \|/);
    assert.match(hover, /nats/);
    assert.equal(await hoverAt(document, new Position(1, 3)), '');
  });

  test('it folds, and a lens says its rank, its scores and its label', async () => {
    const { document } = await openCompletion(3);
    const folds = await commands.executeCommand<FoldingRange[]>('vscode.executeFoldingRangeProvider', document.uri);
    assert.ok(
      folds.some(({ start, end }) => start === 0 && end >= 4),
      JSON.stringify(folds),
    );
    const titles = await lensTitles(document);
    assert.match(titles[0]!, /^(raw|chat) \d+ of 12$/);
    assert.match(titles[1]!, /^Perplexity F .*, R .* · perplexity difference .*/);
    assert.match(titles[2]!, /^Shades are strongest at \d+ nats a token$/);
    assert.deepEqual(
      titles.slice(3, 6).map((title) => title.replace(/\$\(.*?\) /, '')),
      ['Revealing (1)', 'Not revealing (2)', 'Unsure (3)'],
    );
  });

  test('it is labelled where it stands, and the label is taken back', async () => {
    const { document } = await openCompletion(3);
    const labels = () => readFindings(folder).map(({ completionId, label }) => [completionId, label]);
    await run('finetuneAuditor.inline.revealing');
    assert.deepEqual(labels(), [[3, 'revealing']]);
    assert.match((await lensTitles(document)).join('\n'), /\$\(pass-filled\) Revealing/);
    await run('finetuneAuditor.inline.unsure');
    await run('finetuneAuditor.inline.unsure');
    assert.deepEqual(labels(), [
      [3, 'revealing'],
      [3, 'unsure'],
      [3, null],
    ]);
    await run('finetuneAuditor.inline.undo');
    assert.deepEqual(labels().at(-1), [3, 'unsure']);
  });

  test('the next in the ranking is one key away', async () => {
    const first = await openCompletion(3);
    const [, framing, digits] = /^\/(raw|chat) (\d+) /.exec(first.document.uri.path)!;
    const rank = Number(digits);
    const by = rank === 12 ? -1 : 1;
    await run(by > 0 ? 'finetuneAuditor.inline.next' : 'finetuneAuditor.inline.previous');
    await waitFor('its neighbour', () => window.activeTextEditor?.document.uri.path.startsWith(`/${framing} ${rank + by} `));
  });

  test('a completion that is not there says so', async () => {
    const errors = await noteErrors(() => run('finetuneAuditor.openCompletion', { folder, id: 999 }));
    assert.match(errors[0]!.text, /no completion #999/);
  });

  test('any text is scored where it stands, with figures on top, until it is cleared', async () => {
    const { document } = await openText(TEXT);
    await run('finetuneAuditor.showTokenGaps', { folder });
    for (let line = 0; line < 3; line++) assert.match(await hoverAt(document, new Position(line, 6)), /\| Finetuned \|/, `line ${line}`);
    assert.match(await hoverAt(document, new Position(1, TEXT.split('\n')[1]!.indexOf('🙂'))), /🙂/);
    const titles = await lensTitles(document);
    assert.match(titles.join('\n'), /Perplexity F \d.*, R \d.* · mean gap .* nats · under demo\n.*Shade by KL\(F‖R\)\n.*Clear \(Escape\)/);
    assert.match(await hoverAt(document, new Position(0, 6)), /KL\\\(F‖R\\\) \d/);
    await run('finetuneAuditor.shadeByDivergence');
    assert.match((await lensTitles(document)).join('\n'), /Shade by gap/);
    await run('finetuneAuditor.shadeByDivergence');
    assert.match((await lensTitles(document)).join('\n'), /Shade by KL/);
    await run('finetuneAuditor.clearTokenGaps');
    assert.equal(await hoverAt(document, new Position(0, 6)), '');
    assert.deepEqual(await lensTitles(document), []);
  });

  test('general text is scanned for differences of the two models, into a document', async () => {
    await run('finetuneAuditor.scanModels', folder, 2);
    await waitFor('the document', () => window.tabGroups.all.some(({ tabs }) => tabs.some(({ label }) => label.includes('Diff scan of demo'))));
  });

  test('of a selection only that is scored', async () => {
    const editor = await openText(TEXT);
    editor.selection = new Selection(1, 0, 1, 22);
    await run('finetuneAuditor.showTokenGaps', { folder });
    assert.match(await hoverAt(editor.document, new Position(1, 3)), /\| Finetuned \|/);
    assert.equal(await hoverAt(editor.document, new Position(0, 3)), '');
    assert.equal(await hoverAt(editor.document, new Position(1, 30)), '');
  });

  test('an edit takes the shades of its lines, and the others go with theirs', async () => {
    const editor = await openText(TEXT);
    const { document } = editor;
    await run('finetuneAuditor.showTokenGaps', { folder });
    const third = await hoverAt(document, new Position(2, 6));
    await editor.edit((edit) => edit.replace(new Range(1, 0, 1, 6), 'Some\nbody'));
    await waitFor('the edit', () => document.lineCount === 5);
    assert.equal(await hoverAt(document, new Position(1, 2)), '');
    assert.equal(await hoverAt(document, new Position(2, 2)), '');
    assert.match(await hoverAt(document, new Position(0, 6)), /\| Finetuned \|/);
    assert.equal(await hoverAt(document, new Position(3, 6)), third);
    assert.match((await lensTitles(document)).join('\n'), /as it was before it was edited/);
  });

  test('a long text is scored from what is seen on, and clearing ends it', async () => {
    const { document } = await openText(TEXT.repeat(400));
    let ended = false;
    const showing = run('finetuneAuditor.showTokenGaps', { folder }).then(() => (ended = true));
    for (let tries = 0; tries < 400 && (await hoverAt(document, new Position(0, 6))) === ''; tries++) await new Promise((resolve) => setTimeout(resolve, 50));
    assert.match(await hoverAt(document, new Position(0, 6)), /\| Finetuned \|/);
    assert.equal(ended, false);
    await run('finetuneAuditor.clearTokenGaps');
    await showing;
    assert.equal(await hoverAt(document, new Position(0, 6)), '');
  });
});
