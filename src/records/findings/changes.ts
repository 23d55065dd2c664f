/** Changes of findings: what each writes, what it replaces, and what would take it back. Pure. */
import { randomUUID } from 'node:crypto';
import type { SpanContent } from '../../analysis/finding.js';
import { AuditError } from '../../audit/errors.js';
import type { UndoAnswer } from '../../messages/evidence.js';
import { contentOfConclusion, contentOfKeywords, contentOfLabel, contentOfName, copySpan, type Judgement } from './event-contents.js';
import { THE_AUDIT, type EventGraph } from './event-graph.js';
import type { ConclusionEvent, EventContent, FindingEvent, KeywordsEvent, ReplyEvent, SpanEvent } from './events.js';
import { mergeReplies, mergeSpans } from './merge-edits.js';
import type { Former } from './undo-list.js';
import { findOwnLabels, readAuditName, readConclusions, readKeywordSets } from './views.js';

export interface PlannedChange {
  readonly content: EventContent;
  readonly replaced: readonly FindingEvent[];
  readonly answer: UndoAnswer;
  readonly former: readonly Former[];
}

/** What an edit of a span can change. */
export type SpanEdit = Partial<Omit<SpanContent, 'completionId'>>;

type SpanEventContent = EventContent<SpanEvent>;
type ReplyEventContent = EventContent<ReplyEvent>;

/** Replaces the author's own judgement of the completion. */
export function changeLabel(graph: EventGraph, author: string, judgement: Judgement): PlannedChange {
  const { completionId } = judgement;
  const replaced = findOwnLabels(graph, completionId, author);
  const own = replaced.at(-1);
  const former: Former = own
    ? { content: contentOfLabel(own), signature: own }
    : { content: contentOfLabel({ completionId, label: null, category: null, note: '' }) };
  return { content: contentOfLabel(judgement), replaced, answer: { completionId, what: 'label' }, former: [former] };
}

/** Replaces the audit's conclusion, whoever wrote it. */
export function changeConclusion(graph: EventGraph, content: EventContent<ConclusionEvent>): PlannedChange {
  const conclusions = readConclusions(graph).reverse();
  // What others concluded comes back as theirs.
  const former: Former[] =
    conclusions.length === 0 ? [{ content: contentOfConclusion(null) }] : conclusions.map((one) => ({ content: contentOfConclusion(one), signature: one }));
  return { content, replaced: graph.heads('conclusion', THE_AUDIT), answer: { completionId: null, what: 'conclusion' }, former };
}

export function changeKeywords(graph: EventGraph, content: EventContent<KeywordsEvent>): PlannedChange {
  const former: Former = { content: contentOfKeywords(readKeywordSets(graph)) };
  return { content, replaced: graph.heads('keywords', THE_AUDIT), answer: { completionId: null, what: 'keywords' }, former: [former] };
}

export function changeName(graph: EventGraph, name: string): PlannedChange {
  const former: Former = { content: contentOfName(readAuditName(graph) ?? '') };
  return { content: contentOfName(name), replaced: graph.heads('name', THE_AUDIT), answer: { completionId: null, what: 'name' }, former: [former] };
}

/** A new finding; its id stays the same over its edits. */
export function addSpan(graph: EventGraph, content: SpanContent): { readonly finding: string; readonly change: PlannedChange } {
  const finding = randomUUID();
  return { finding, change: putSpan(graph, { kind: 'span', finding, ...copySpan(content), state: 'open' }) };
}

/** @throws AuditError `refused` where the finding no longer exists; the functions below throw it, too */
export function editSpan(graph: EventGraph, finding: string, edit: SpanEdit): PlannedChange {
  const span = findSpan(graph, finding);
  return putSpan(graph, { ...span, ...copySpan({ ...span, ...edit }) });
}

export function changeSpanState(graph: EventGraph, finding: string, state: SpanEvent['state']): PlannedChange {
  return putSpan(graph, { ...findSpan(graph, finding), state });
}

/** A new reply; its id stays the same over its edits. */
export function addReply(graph: EventGraph, finding: string, note: string): { readonly reply: string; readonly change: PlannedChange } {
  const reply = randomUUID();
  return { reply, change: putReply(graph, { kind: 'reply', finding, reply, note, state: 'open' }) };
}

export function changeReply(graph: EventGraph, reply: string, edit: Partial<Pick<ReplyEvent, 'note' | 'state'>>): PlannedChange {
  return putReply(graph, { ...findReply(graph, reply), ...edit });
}

/** Puts a span in the place of what there is of the same finding. */
function putSpan(graph: EventGraph, span: SpanEventContent): PlannedChange {
  const { finding, completionId } = span;
  const replaced = graph.heads('span', finding);
  const content = mergeSpans(graph, replaced) ?? { ...span, state: 'deleted' };
  return { content: span, replaced, answer: { completionId, what: 'finding' }, former: [{ content }] };
}

function putReply(graph: EventGraph, reply: ReplyEventContent): PlannedChange {
  const { completionId } = findSpan(graph, reply.finding);
  const replaced = graph.heads('reply', reply.reply);
  const content = mergeReplies(graph, replaced) ?? { ...reply, state: 'deleted' };
  return { content: reply, replaced, answer: { completionId, what: 'finding' }, former: [{ content }] };
}

function findSpan(graph: EventGraph, finding: string): SpanEventContent {
  const span = mergeSpans(graph, graph.heads('span', finding));
  if (!span || span.state === 'deleted')
    throw new AuditError('refused', 'This finding is no longer there: it was deleted. Undo brings back what you deleted yourself.');
  return span;
}

function findReply(graph: EventGraph, reply: string): ReplyEventContent {
  const found = mergeReplies(graph, graph.heads('reply', reply));
  if (!found || found.state === 'deleted')
    throw new AuditError('refused', 'This reply is no longer there: it was deleted. Undo brings back what you deleted yourself.');
  return found;
}
