/** Views of the events in force: labels, findings, conclusions, keyword sets, the audit's name. */
import type { CompletionFinding, Conclusion, DrawnSlice, KeywordSet, Reply, Signature, SpanFinding } from '../../analysis/finding.js';
import type { ConclusionEvent, FindingEvent, LabelEvent, ReplyEvent, SpanEvent } from './events.js';
import { copyKeywordSet } from './event-contents.js';
import { compareEvents, labelSubject, THE_AUDIT, type EventGraph } from './event-graph.js';
import { mergeReplies, mergeSpans } from './merge-edits.js';

/** Labels in force of one author: more than one where they were set apart from each other. */
export function findOwnLabels(graph: EventGraph, completionId: number, author: string): LabelEvent[] {
  return graph.heads('label', labelSubject(completionId)).filter((head) => head.author === author);
}

/** Every author's judgement of every completion that has any, earliest first. */
export function readJudgements(graph: EventGraph): Map<number, CompletionFinding[]> {
  const judgements = new Map<number, CompletionFinding[]>();
  for (const heads of graph.allHeads('label')) {
    const byAuthor = new Map<string, LabelEvent>();
    for (const head of heads) {
      // Of one author's concurrent heads the last shows, and stands where it does.
      byAuthor.delete(head.author);
      byAuthor.set(head.author, head);
    }
    const list = [...byAuthor.values()].map(readLabel).filter((finding) => finding !== null);
    if (list.length > 0) judgements.set(heads[0]!.completionId, list);
  }
  return judgements;
}

/** The judgement of each completion that one author sees: their own, or else the latest of the others. */
export function chooseCurrent(judgements: ReadonlyMap<number, readonly CompletionFinding[]>, author: string): Map<number, CompletionFinding> {
  return new Map([...judgements].map(([id, list]) => [id, list.find((finding) => finding.author === author) ?? list.at(-1)!]));
}

function readLabel({ completionId, label, category, note, author, time, blind }: LabelEvent): CompletionFinding | null {
  return label && { completionId, label, category, note, author, time, ...(blind !== undefined && { blind }) };
}

/** Spans that are not deleted, by completion, place and time. */
export function readSpans(graph: EventGraph): SpanFinding[] {
  const replies = readReplies(graph);
  const spans: SpanFinding[] = [];
  for (const heads of graph.allHeads('span')) {
    const { finding, completionId, span, quote, label, category, note, state } = mergeSpans(graph, heads)!;
    if (state === 'deleted') continue;
    const content = { finding, completionId, span, quote, label, category, note, state };
    spans.push({ ...content, ...readSignatures(graph, heads), replies: replies.get(finding) ?? [] });
  }
  return spans.sort(
    (a, b) =>
      a.completionId - b.completionId ||
      a.span.start - b.span.start ||
      a.span.end - b.span.end ||
      compareEvents({ time: a.time, id: a.finding }, { time: b.time, id: b.finding }),
  );
}

/** Replies that are not deleted, by finding, oldest first. */
function readReplies(graph: EventGraph): Map<string, Reply[]> {
  const replies = new Map<string, Reply[]>();
  for (const heads of graph.allHeads('reply')) {
    const { finding, reply, note, state } = mergeReplies(graph, heads)!;
    if (state === 'deleted') continue;
    const list = replies.get(finding);
    const read = { reply, finding, note, ...readSignatures(graph, heads) };
    if (list) list.push(read);
    else replies.set(finding, [read]);
  }
  for (const list of replies.values()) list.sort((a, b) => compareEvents({ time: a.time, id: a.reply }, { time: b.time, id: b.reply }));
  return replies;
}

/** Signed by who brought it up; what is in force may be another's edit of it. A deletion that an edit outlived is no edit. */
function readSignatures(graph: EventGraph, heads: readonly (SpanEvent | ReplyEvent)[]): Signature & { changed: Signature | null } {
  const head = heads.findLast(({ state }) => state !== 'deleted')!;
  const first: FindingEvent = graph.first(head);
  return { author: first.author, time: first.time, changed: first === head ? null : { author: head.author, time: head.time } };
}

/** Conclusions in force, the one that shows first; more than one where they were written apart from each other. */
export function readConclusions(graph: EventGraph): Conclusion[] {
  return [...graph.heads('conclusion', THE_AUDIT)].reverse().filter(isConclusion).map(readConclusion);
}

export function isConclusion({ statement, citations }: ConclusionEvent): boolean {
  return statement.trim() !== '' || citations.length > 0;
}

function readConclusion({ statement, confidence, citations, draftedBy, author, time }: ConclusionEvent): Conclusion {
  return { statement, confidence, citations, ...(draftedBy !== undefined && { draftedBy }), author, time };
}

/** Sets that were written apart from each other stand one after the other, each content once. */
export function readKeywordSets(graph: EventGraph): KeywordSet[] {
  const sets: KeywordSet[] = [];
  const known = new Set<string>();
  for (const head of graph.heads('keywords', THE_AUDIT)) {
    const added = head.sets.map(copyKeywordSet).filter((set) => !known.has(JSON.stringify(set)));
    for (const set of added) {
      sets.push(set);
      known.add(JSON.stringify(set));
    }
  }
  return sets;
}

/** What the audit was renamed to; `null` where it has the name of its plan. */
export function readAuditName(graph: EventGraph): string | null {
  const name = graph.heads('name', THE_AUDIT).at(-1)?.name.trim() ?? '';
  return name === '' ? null : name;
}

/** Oldest first. */
export function readSlices(graph: EventGraph): DrawnSlice[] {
  return [...graph.allHeads('blind')]
    .flat()
    .sort(compareEvents)
    .map(({ slice: { k, seed, score, framing, population, top, random, ids, marked }, author, time }) => ({
      slice: { k, seed, score, framing, population, top, random, ids, ...(marked && { marked }) },
      author,
      time,
    }));
}
