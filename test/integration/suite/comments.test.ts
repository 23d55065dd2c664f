/** Findings about spans as comment threads of a completion's document. */
import assert from 'node:assert/strict';
import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  comments as vscodeComments,
  CommentMode,
  CommentThreadState,
  Range,
  workspace,
  type CommentController,
  type CommentThread,
  type MarkdownString,
  type TextDocument,
} from 'vscode';
import { CompletionDocuments } from '../../../src/views/inline/completion-documents.js';
import type { FindingComment } from '../../../src/views/comments/finding-comment.js';
import { FindingComments } from '../../../src/views/comments/finding-comments.js';
import { OpenAudits } from '../../../src/views/open-audits.js';
import { run, waitFor, workspaceFile } from '../helpers.js';

suite('comments', () => {
  let folder: string;
  let documents: CompletionDocuments;
  let findings: FindingComments;
  let typing: CommentController;
  let document: TextDocument;

  suiteSetup(async () => {
    folder = (await run('finetuneAuditor.runPlan', workspaceFile('demo.audit-plan.json'))).folder;
    documents = new CompletionDocuments(new OpenAudits(async () => ({ name: 'Ada', also: [] })), () => false);
    findings = new FindingComments(documents);
    typing = vscodeComments.createCommentController('finetuneAuditor.test', 'typing');
    document = (await documents.show({ folder, id: 5 })).document;
  });
  suiteTeardown(() => {
    findings.dispose();
    documents.dispose();
    typing.dispose();
  });

  const events = () =>
    readFileSync(join(folder, 'findings.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  const threads = () => findings.threadsOf(document.uri);
  const first = (thread: CommentThread) => thread.comments[0] as FindingComment;
  const bodyOf = (comment: FindingComment) => (typeof comment.body === 'string' ? comment.body : comment.body.value);
  const range = (from: number, to: number) => {
    const start = document.getText().indexOf('\n\n') + 2;
    return new Range(document.positionAt(start + from), document.positionAt(start + to));
  };
  const write = async (at: Range, text: string) => {
    const before = threads().length;
    await findings.create({ thread: typing.createCommentThread(document.uri, at, []), text });
    return waitFor('the thread', () => threads().length > before && threads().find((thread) => bodyOf(first(thread)).includes(text)));
  };

  test('a selection becomes a finding with the bytes and the text of it', async () => {
    const thread = await write(range(4, 12), 'It says **this**');
    const [event] = events();
    const shown = document.getText(range(4, 12));
    assert.equal(event!.quote, shown);
    assert.deepEqual(event!.span, { start: 4, end: 4 + Buffer.byteLength(shown) });
    assert.deepEqual([event!.kind, event!.completionId, event!.author, event!.state], ['span', 5, 'Ada', 'open']);
    assert.equal(thread.range!.isEqual(range(4, 12)), true);
    assert.equal(thread.label, 'Finding');
    assert.equal(first(thread).author.name, 'Ada');
  });

  test('label and category are told by the thread, and written as edits of the same finding', async () => {
    const [thread] = threads();
    await findings.setLabel(first(thread!), 'revealing');
    await waitFor('the label', () => threads()[0]!.label === 'Revealing');
    await findings.setCategory(first(threads()[0]!), 'false fact');
    await waitFor('the category', () => threads()[0]!.label === 'Revealing · false fact');
    assert.match(first(threads()[0]!).label!, /^Revealing · false fact · edited$/);
    assert.equal(new Set(events().map(({ finding }) => finding)).size, 1);
    assert.deepEqual(findings.usedCategories(first(threads()[0]!)), ['false fact']);
  });

  test('it is answered, edited, resolved and reopened', async () => {
    await findings.reply({ thread: threads()[0]!, text: 'Seen in another, too.' });
    await waitFor('the reply', () => threads()[0]!.comments.length === 2);
    const reply = threads()[0]!.comments[1] as FindingComment;
    findings.edit(reply);
    assert.equal(reply.mode, CommentMode.Editing);
    assert.equal(reply.body, 'Seen in another, too.');
    // A change from elsewhere leaves what is being typed alone.
    await findings.setCategory(first(threads()[0]!), 'persona');
    await waitFor('the category', () => threads()[0]!.label === 'Revealing · persona');
    assert.equal(threads()[0]!.comments[1], reply);
    reply.body = 'Seen in two others.';
    await findings.save(reply);
    await waitFor('the edit', () => bodyOf(threads()[0]!.comments[1] as FindingComment) === 'Seen in two others.');
    await findings.setResolved(threads()[0]!, true);
    await waitFor('the end', () => threads()[0]!.state === CommentThreadState.Resolved && threads()[0]!.contextValue === 'resolvedFinding');
    await findings.setResolved(threads()[0]!, false);
    await waitFor('the new beginning', () => threads()[0]!.state === CommentThreadState.Unresolved);
  });

  test('what a colleague’s pull brings is there, and nothing in it is a link to a command or a picture from elsewhere', async () => {
    const note = '[run](command:workbench.action.quit) ![x](https://example.invalid/x.png) <b>b</b>';
    const event = {
      kind: 'span',
      id: 'pulled',
      supersedes: [],
      finding: 'colleague',
      completionId: 5,
      span: { start: 0, end: 3 },
      quote: 'abc',
      label: 'unsure',
      category: null,
      note,
      state: 'open',
      author: 'Bob',
      time: '2026-01-01T00:00:00.000Z',
    };
    appendFileSync(
      join(folder, 'findings.jsonl'),
      `${JSON.stringify(event)}\n${JSON.stringify({ ...event, id: 'other', finding: 'elsewhere', completionId: 6 })}\n`,
    );
    const thread = await waitFor('the colleague’s finding', () => threads().find((other) => first(other).author.name === 'Bob'));
    const body = first(thread).body as MarkdownString;
    assert.equal(body.isTrusted, false);
    assert.equal(body.supportHtml, false);
    assert.doesNotMatch(body.value, /!\[/);
    assert.equal(threads().length, 2);
  });

  test('a place outside the completion’s text takes no finding', async () => {
    const before = events().length;
    await assert.rejects(
      findings.create({ thread: typing.createCommentThread(document.uri, new Range(0, 0, 0, 5), []), text: 'x' }),
      /No text of the completion/,
    );
    assert.equal(events().length, before);
  });

  test('a finding that is deleted is gone with its replies, and the file keeps it', async () => {
    const before = events().length;
    const own = threads().find((thread) => first(thread).author.name === 'Ada')!;
    await findings.delete(first(own));
    await waitFor('the thread to go', () => threads().length === 1);
    assert.equal(events().length, before + 1);
    assert.equal(events().at(-1)!.state, 'deleted');
    assert.equal((await workspace.openTextDocument(document.uri)).isClosed, false);
  });
});
