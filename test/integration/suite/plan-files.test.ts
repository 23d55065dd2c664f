import assert from 'node:assert/strict';
import { commands, languages, window, workspace, type CodeLens } from 'vscode';
import { waitFor, workspaceFile } from '../helpers.js';

suite('plan files', () => {
  test('have a button that runs them', async () => {
    const uri = workspaceFile('demo.audit-plan.json');
    await window.showTextDocument(await workspace.openTextDocument(uri));
    const lenses = await commands.executeCommand<CodeLens[]>('vscode.executeCodeLensProvider', uri, 10);
    const own = lenses.find((lens) => lens.command?.command === 'finetuneAuditor.runPlan');
    assert.equal(own?.range.start.line, 0);
    assert.equal(own?.command?.arguments?.[0]?.toString(), uri.toString());
  });

  test('other JSON files have none', async () => {
    const document = await workspace.openTextDocument({ language: 'json', content: '{}' });
    const lenses = await commands.executeCommand<CodeLens[]>('vscode.executeCodeLensProvider', document.uri, 10);
    assert.equal(
      lenses.some((lens) => lens.command?.command === 'finetuneAuditor.runPlan'),
      false,
    );
  });

  test('are checked as they are written', async () => {
    const uri = workspaceFile('wrong.audit-plan.json');
    await window.showTextDocument(await workspace.openTextDocument(uri));
    const diagnostics = await waitFor('diagnostics', () => {
      const found = languages.getDiagnostics(uri);
      return found.length >= 2 && found;
    });
    assert.deepEqual(diagnostics.map((diagnostic) => diagnostic.range.start.line).sort(), [3, 4]);
  });
});
