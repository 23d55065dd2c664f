/** A strict reading of the HTML that reports are written as: every tag closed, nothing but what a report has. */

export interface ReadElement {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
}

export interface ReadHtml {
  readonly elements: readonly ReadElement[];
  /** All text outside the head, entities resolved. */
  readonly text: string;
  /** What is wrong with the markup; empty for a sound file. */
  readonly faults: readonly string[];
}

const VOID = new Set(['meta', 'br']);
const ALLOWED = new Set([
  ...[
    'html',
    'head',
    'meta',
    'title',
    'style',
    'body',
    'header',
    'nav',
    'main',
    'footer',
    'section',
    'article',
    'h1',
    'h2',
    'h3',
    'p',
    'div',
    'span',
    'b',
    'br',
    'a',
  ],
  ...[
    'ul',
    'li',
    'table',
    'caption',
    'thead',
    'tbody',
    'tr',
    'th',
    'td',
    'blockquote',
    'mark',
    'strong',
    'em',
    'code',
    'figure',
    'figcaption',
    'svg',
    'desc',
    'path',
    'line',
    'text',
  ],
]);
const ALLOWED_ATTRIBUTES = new Set([
  ...['lang', 'charset', 'http-equiv', 'content', 'name', 'id', 'class', 'href', 'title', 'scope', 'role', 'aria-label', 'aria-labelledby'],
  ...['viewBox', 'd', 'x', 'y', 'x1', 'x2', 'y1', 'y2', 'transform', 'text-anchor'],
]);
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };
const TAG = /<(\/?)([a-z][a-z0-9]*)((?:\s+[a-zA-Z0-9:-]+="[^"<>]*")*)\s*(\/?)>/y;

export function readHtml(source: string): ReadHtml {
  const faults: string[] = [];
  const elements: ReadElement[] = [];
  const open: string[] = [];
  let text = '';
  if (!source.startsWith('<!DOCTYPE html>\n')) faults.push('no doctype');
  for (let at = '<!DOCTYPE html>\n'.length; at < source.length;) {
    if (open.at(-1) === 'style') {
      const end = source.indexOf('</style>', at);
      if (end < 0) return { elements, text, faults: [...faults, 'a style sheet without an end'] };
      at = end;
    }
    const next = source.indexOf('<', at);
    const part = source.slice(at, next < 0 ? source.length : next);
    if (part.includes('>')) faults.push(`a bare > in ${JSON.stringify(part.slice(0, 60))}`);
    if (open.includes('body')) text += resolve(part, faults);
    if (next < 0) break;
    TAG.lastIndex = next;
    const tag = TAG.exec(source);
    if (!tag) return { elements, text, faults: [...faults, `not a tag: ${JSON.stringify(source.slice(next, next + 60))}`] };
    at = TAG.lastIndex;
    const [, slash, name, rest, selfClosing] = tag as unknown as [string, string, string, string, string];
    if (slash !== '') {
      if (open.pop() !== name) faults.push(`</${name}> closes something else`);
      continue;
    }
    if (!ALLOWED.has(name)) faults.push(`<${name}> is nothing that a report has`);
    const attributes = new Map([...rest.matchAll(/([a-zA-Z0-9:-]+)="([^"]*)"/g)].map(([, key, value]) => [key!, resolve(value!, faults)]));
    for (const key of attributes.keys()) if (!ALLOWED_ATTRIBUTES.has(key)) faults.push(`<${name}> has the attribute ${key}`);
    elements.push({ name, attributes });
    if (!VOID.has(name) && selfClosing === '') open.push(name);
  }
  if (open.length > 0) faults.push(`not closed: ${open.join(', ')}`);
  return { elements, text, faults: [...faults, ...checkReferences(elements), ...checkHeadings(elements)] };
}

function resolve(text: string, faults: string[]): string {
  return text.replace(/&([^;\s]*;?)/g, (_, entity: string) => {
    const character = ENTITIES[entity.slice(0, -1)];
    if (character === undefined) faults.push(`&${entity} is no entity`);
    return character ?? '';
  });
}

function checkReferences(elements: readonly ReadElement[]): string[] {
  const ids = elements.flatMap(({ attributes }) => attributes.get('id') ?? []);
  const known = new Set(ids);
  const faults = ids.filter((id, index) => ids.indexOf(id) !== index).map((id) => `the id ${id} twice`);
  for (const { name, attributes } of elements) {
    const href = attributes.get('href');
    if (href !== undefined && !(href.startsWith('#') && known.has(href.slice(1)))) faults.push(`<${name}> leads to ${href}`);
    for (const id of attributes.get('aria-labelledby')?.split(' ') ?? []) if (!known.has(id)) faults.push(`<${name}> is labelled by ${id}, which is not there`);
  }
  return faults;
}

function checkHeadings(elements: readonly ReadElement[]): string[] {
  const levels = elements.flatMap(({ name }) => (/^h[1-6]$/.test(name) ? [Number(name[1])] : []));
  const faults = levels.filter((level) => level === 1).length === 1 ? [] : ['not one h1'];
  return [...faults, ...levels.flatMap((level, index) => (level > (levels[index - 1] ?? 0) + 1 ? [`h${level} after h${levels[index - 1] ?? 0}`] : []))];
}
