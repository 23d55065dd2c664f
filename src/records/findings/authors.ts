/**
 * Who is who. A person may have signed with several names; where that is known, all of them count as one. The file says so
 * with events of its own, so that reports and colleagues know it too; nothing that was signed is rewritten.
 */
import type { AuthorEvent, FindingEvent } from './events.js';
import { compareEvents } from './event-graph.js';

/** Whoever signs. */
export interface Author {
  readonly name: string;
  /** Other names that the same person has signed with. */
  readonly also: readonly string[];
}

export function asAuthor(author: string | Author): Author {
  return typeof author === 'string' ? { name: author, also: [] } : author;
}

/**
 * The name that stands for each of a person's other names. The later event has the last word, so that the order of lines does
 * not matter.
 * @param reader whose own names count here even where the file does not tell them yet
 */
export function readAliases(events: Iterable<FindingEvent>, reader: Author): Map<string, string> {
  const names = new Map<string, string>();
  const told = [...events].filter((event): event is AuthorEvent => event.kind === 'author').sort(compareEvents);
  for (const { author, also } of [...told, { author: reader.name, also: reader.also }]) {
    names.delete(author);
    // What stood for another is found through it: whoever signs is nobody's other name by then, so that there is no ring.
    for (const name of also) if (name !== author) names.set(name, author);
  }
  for (const name of names.keys()) shortenWay(names, name);
  return names;
}

/** Lets a name, and all on its way, stand for the last one directly: all names together take linear time. */
function shortenWay(names: Map<string, string>, name: string): void {
  const way: string[] = [];
  let last = name;
  for (let next = names.get(last); next !== undefined; next = names.get(last)) {
    way.push(last);
    last = next;
  }
  for (const passed of way) names.set(passed, last);
}

/** The same event, signed with the name that stands for its author's. */
export function renameAuthor<E extends FindingEvent>(event: E, aliases: ReadonlyMap<string, string>): E {
  const author = event.kind === 'author' ? undefined : aliases.get(event.author);
  return author === undefined ? event : { ...event, author };
}
