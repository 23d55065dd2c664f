/** Why a change is not taken back: others have built upon it, and what they said would go with it. */
import type { FindingEvent } from './events.js';
import { compareEvents, type EventGraph } from './event-graph.js';
import { mergeReplies, mergeSpans } from './merge-edits.js';
import type { Change } from './undo-list.js';

/**
 * In words, with what to do instead; `null` where nothing is in the way.
 * @param author who wants to take the change back
 */
export function describeObstacle(graph: EventGraph, { event, former }: Change, author: string): string | null {
  const obstacle = findLaterChange(graph, event, author) ?? findDeletedSpan(graph, event) ?? findReply(graph, { event, former }, author);
  return obstacle && `Your last change of ${nameSubject(event)} stays: ${obstacle}`;
}

/** Others' labels stand beside one's own, so that they are no change of it. */
function findLaterChange(graph: EventGraph, event: FindingEvent, author: string): string | null {
  const heads = graph.headsAbout(event).filter((head) => head.kind !== 'label' || head.author === author);
  if (heads.length === 1 && heads[0]!.id === event.id) return null;
  const known = new Set([event, ...graph.history([event])].map(({ id }) => id));
  const later = [...heads, ...graph.history(heads)].filter(({ id }) => !known.has(id)).sort(compareEvents);
  const other = later.findLast((change) => change.author !== author);
  const change = other ?? later.at(-1);
  if (change && 'state' in change && change.state === 'deleted') return describeDeletion(other?.author);
  return `${other ? `${other.author} has changed it since` : 'it was changed elsewhere since'}. Edit it instead.`;
}

/** A reply goes with the finding that it is about. */
function findDeletedSpan(graph: EventGraph, event: FindingEvent): string | null {
  if (event.kind !== 'reply') return null;
  const heads = graph.heads('span', event.finding);
  return mergeSpans(graph, heads)?.state === 'deleted' ? describeDeletion(heads.at(-1)!.author) : null;
}

/** A finding goes with the replies to it. */
function findReply(graph: EventGraph, { event, former }: Pick<Change, 'event' | 'former'>, author: string): string | null {
  if (event.kind !== 'span' || !former.some(({ content }) => content.kind === 'span' && content.state === 'deleted')) return null;
  for (const heads of graph.allHeads('reply')) {
    if (heads[0]!.finding !== event.finding || mergeReplies(graph, heads)!.state === 'deleted') continue;
    const other = [graph.first(heads[0]!), ...heads].find((reply) => reply.author !== author);
    if (other) return `${other.author} has replied to it since. Edit it instead.`;
  }
  return null;
}

function describeDeletion(author: string | undefined): string {
  return `${author === undefined ? 'it was deleted elsewhere since' : `${author} has deleted it since`}. Add it anew if it is still needed.`;
}

function nameSubject({ kind }: FindingEvent): string {
  switch (kind) {
    case 'label':
      return 'this label';
    case 'span':
      return 'this finding';
    case 'reply':
      return 'this reply';
    case 'conclusion':
      return 'the conclusion';
    case 'keywords':
      return 'the list of keyword sets';
    case 'name':
      return 'the audit’s name';
    case 'blind':
      return 'this blind slice';
    case 'author':
      return 'whose names these are';
  }
}
