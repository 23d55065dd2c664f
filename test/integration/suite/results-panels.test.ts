/** Pages whose panels come and go while their audit is still being read. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { commands, Uri, ViewColumn, window, type WebviewPanel } from 'vscode';
import { PLAN_DEFAULTS } from '../../../src/audit/plan.js';
import { AuditSession } from '../../../src/runner/run/audit-session.js';
import { JournalEditor } from '../../../src/views/journal-editor.js';
import { OpenAudits } from '../../../src/views/open-audits.js';
import type { PageSurroundings } from '../../../src/views/results/page-host.js';
import { RESULTS_VIEW_TYPE, ResultsPanels } from '../../../src/views/results/results-panels.js';
import { findExtension, waitFor, workspaceFile } from '../helpers.js';

const surroundings: PageSurroundings = {
  describeAudit: () => ({ planFacts: [], categories: [], localModels: false }),
  fetchAlternatives: async () => ({ finetuned: [], reference: [] }),
  act: () => undefined,
  reportFailure: (error) => {
    throw error;
  },
};

/** An audit that is being read until `finish` is called; its session hears when nobody uses it any more. */
async function makeAudit() {
  const folder = workspaceFile('panels').fsPath;
  const source = { gguf: '/none.gguf', lora: [] };
  const plan = { ...PLAN_DEFAULTS, name: 'panels', finetuned: source, reference: source };
  const session = AuditSession.forRun({ plan, folder, resume: false, allowDownload: false }, 'Ada');
  let released = false;
  const dispose = session.dispose.bind(session);
  session.dispose = () => {
    released = true;
    dispose();
  };
  const audits = new OpenAudits(async () => ({ name: 'Ada', also: [] }));
  // Whoever adopts holds the session, as a run does; the pages below are its other users.
  const running = await audits.adopt(session);
  let finish!: () => void;
  const read = new Promise<void>((resolve) => (finish = resolve));
  const open = audits.open.bind(audits);
  audits.open = (path) => read.then(() => open(path));
  const panels = new ResultsPanels(
    findExtension().extensionUri,
    audits,
    surroundings,
    () => true,
    () => [],
  );
  return { folder, panels, finish, isReleased: () => (running.release(), released) };
}

const makePanel = () => window.createWebviewPanel(RESULTS_VIEW_TYPE, 'restored', { viewColumn: ViewColumn.Active, preserveFocus: true });

function follow(panel: WebviewPanel): { disposed: boolean } {
  const state = { disposed: false };
  panel.onDidDispose(() => (state.disposed = true));
  return state;
}

suite('results panels', () => {
  test('two restored panels of one audit become one page', async () => {
    const { folder, panels, finish, isReleased } = await makeAudit();
    const states = [makePanel(), makePanel()].map((panel) => ({ panel, state: follow(panel) }));
    const restored = states.map(({ panel }) => panels.deserializeWebviewPanel(panel, { folder }));
    finish();
    await Promise.all(restored);
    assert.deepEqual(
      states.map(({ state }) => state.disposed),
      [false, true],
    );
    panels.dispose();
    await waitFor('the page to close', () => states[0]!.state.disposed);
    await waitFor('the audit to be let go', isReleased);
  });

  test('a panel that is closed while its audit is read leaves nothing behind', async () => {
    const { folder, panels, finish, isReleased } = await makeAudit();
    const panel = makePanel();
    const restored = panels.deserializeWebviewPanel(panel, { folder });
    panel.dispose();
    finish();
    await restored;
    assert.equal(panels.isVisible(folder), false);
    await waitFor('the audit to be let go', isReleased);
  });

  test('a journal that cannot be read says why in the page’s place, with a way to its text', async () => {
    const folder = workspaceFile('.finetune-audits/broken').fsPath;
    mkdirSync(folder, { recursive: true });
    const journal = Uri.file(join(folder, 'audit.jsonl'));
    writeFileSync(journal.fsPath, '{"type":"header","formatVersion":999}\n');
    const panels = new ResultsPanels(
      findExtension().extensionUri,
      new OpenAudits(async () => ({ name: 'Ada', also: [] })),
      surroundings,
      () => false,
      () => [],
    );
    const panel = makePanel();
    await new JournalEditor(panels).resolveCustomEditor({ uri: journal, dispose: () => undefined }, panel);
    assert.match(panel.webview.html, /format version 999/);
    assert.match(panel.webview.html, /href="command:workbench\.action\.reopenTextEditor"/);
    panel.dispose();
    assert.ok((await commands.getCommands()).includes('workbench.action.reopenTextEditor'));
  });

  test('an unreadable journal opened as a user does is reopened as text', async () => {
    const journal = workspaceFile('.finetune-audits/broken/audit.jsonl');
    await commands.executeCommand('vscode.open', journal);
    await commands.executeCommand('workbench.action.reopenTextEditor');
    await waitFor('the text', () => window.activeTextEditor?.document.uri.toString() === journal.toString());
    await commands.executeCommand('workbench.action.closeActiveEditor');
  });
});
