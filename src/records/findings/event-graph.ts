/**
 * Which events are in force. An event names the events that it supersedes; what no event supersedes is in force. So the
 * state does not depend on the order of lines, and two people's files merge by putting all lines together.
 */
import type { EventKind, FindingEvent, NewerLine } from './events.js';

type EventOf<K extends EventKind> = Extract<FindingEvent, { kind: K }>;

export class EventGraph {
  readonly #byId = new Map<string, FindingEvent>();
  readonly #superseded = new Set<string>();
  /** In force, by kind and what they are about. */
  readonly #heads = new Map<EventKind, Map<string, FindingEvent[]>>();
  /** By kind and subject. */
  readonly #first = new Map<string, FindingEvent>();

  constructor(events: Iterable<FindingEvent> = [], newer: Iterable<NewerLine> = []) {
    for (const { supersedes } of newer) this.#supersede(supersedes, '');
    for (const event of events) this.add(event);
  }

  add(event: FindingEvent): void {
    const known = this.#byId.get(event.id);
    this.#supersede(event.supersedes, event.id);
    if (known) {
      // The same line came in from two sides. Should anybody have changed one, every order must choose the same.
      if (JSON.stringify(event) <= JSON.stringify(known)) return;
      this.#removeHead(known);
    }
    this.#byId.set(event.id, event);
    const subject = subjectOf(event);
    const first = this.#first.get(`${event.kind} ${subject}`);
    if (!first || first === known || compareEvents(event, first) < 0) this.#first.set(`${event.kind} ${subject}`, event);
    if (this.#superseded.has(event.id)) return;
    const bySubject = this.#heads.get(event.kind) ?? new Map<string, FindingEvent[]>();
    this.#heads.set(event.kind, bySubject);
    const heads = bySubject.get(subject);
    if (heads) heads.splice(placeOf(heads, event), 0, event);
    else bySubject.set(subject, [event]);
  }

  /** In force about one subject, the one that shows last: the later time, then the greater id. */
  heads<K extends EventKind>(kind: K, subject: string): readonly EventOf<K>[] {
    return (this.#heads.get(kind)?.get(subject) ?? []) as EventOf<K>[];
  }

  /** {@link heads} of what an event is about. */
  headsAbout<E extends FindingEvent>(event: E): readonly E[] {
    return (this.#heads.get(event.kind)?.get(subjectOf(event)) ?? []) as E[];
  }

  /** {@link heads} of every subject that has any. */
  *allHeads<K extends EventKind>(kind: K): Generator<readonly EventOf<K>[], void, undefined> {
    for (const heads of this.#heads.get(kind)?.values() ?? []) yield heads as EventOf<K>[];
  }

  /** The first event about what this one is about, by time, then id: who brought it up. */
  first(event: FindingEvent): FindingEvent {
    return this.#first.get(`${event.kind} ${subjectOf(event)}`) ?? event;
  }

  /** What these supersede, directly or over others, as far as it is there and about the same. */
  history<E extends FindingEvent>(events: Iterable<E>): Set<E> {
    const found = new Set<E>();
    const open = [...events];
    for (let event = open.pop(); event; event = open.pop()) {
      for (const id of event.supersedes) {
        const former = this.#byId.get(id);
        if (!former || former.kind !== event.kind || subjectOf(former) !== subjectOf(event) || found.has(former as E)) continue;
        found.add(former as E);
        open.push(former as E);
      }
    }
    return found;
  }

  /** Where two sides parted: the latest of what both of them supersede, in the order of {@link heads}. */
  findPartings<E extends FindingEvent>(one: readonly E[], other: E): E[] {
    const ofOther = this.history([other]);
    const common = [...this.history(one)].filter((event) => ofOther.has(event));
    const older = this.history(common);
    return common.filter((event) => !older.has(event)).sort(compareEvents);
  }

  #supersede(ids: readonly string[], by: string): void {
    for (const id of ids) {
      if (id === by || this.#superseded.has(id)) continue;
      this.#superseded.add(id);
      const event = this.#byId.get(id);
      if (event) this.#removeHead(event);
    }
  }

  #removeHead(event: FindingEvent): void {
    const bySubject = this.#heads.get(event.kind);
    const heads = bySubject?.get(subjectOf(event));
    const index = heads?.indexOf(event) ?? -1;
    if (!bySubject || !heads || index < 0) return;
    heads.splice(index, 1);
    if (heads.length === 0) bySubject.delete(subjectOf(event));
  }
}

/** What an event is about, within its kind. */
function subjectOf(event: FindingEvent): string {
  switch (event.kind) {
    case 'label':
      return labelSubject(event.completionId);
    case 'span':
      return event.finding;
    case 'reply':
      return event.reply;
    case 'blind':
      return event.id;
    case 'conclusion':
    case 'keywords':
    case 'name':
      return THE_AUDIT;
  }
}

/** The subject of a conclusion, of keyword sets and of the audit's name. */
export const THE_AUDIT = '';

export function labelSubject(completionId: number): string {
  return String(completionId);
}

export function compareEvents(a: { readonly time: string; readonly id: string }, b: { readonly time: string; readonly id: string }): number {
  return compareTexts(a.time, b.time) || compareTexts(a.id, b.id);
}

function placeOf(heads: readonly FindingEvent[], event: FindingEvent): number {
  const place = heads.findIndex((head) => compareEvents(head, event) > 0);
  return place < 0 ? heads.length : place;
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
