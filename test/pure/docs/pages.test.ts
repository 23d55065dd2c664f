/** What the pages of `docs` say of the program is so: fields of plans, codes of errors, plans that serve as examples, and links between pages. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { makePlanJsonSchema, planFileSchema } from '../../../src/records/plan/plan-schema.js';

const root = join(import.meta.dirname, '../../..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const pages = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', ...readdirSync(join(root, 'docs')).map((name) => `docs/${name}`)];

interface Field {
  readonly description?: string;
  readonly default?: unknown;
}

function makeFieldTable(): string {
  const { properties, required } = makePlanJsonSchema() as { properties: Record<string, Field>; required: readonly string[] };
  const rows = Object.entries(properties)
    .filter(([name]) => name !== '$schema')
    .map(([name, { description, default: preset }]) => {
      const without = required.includes(name) ? 'required' : preset === undefined ? '–' : `\`${JSON.stringify(preset)}\``;
      return `| \`${name}\` | ${description ?? ''} | ${without} |`;
    });
  return ['| field | what it is | where it is left out |', '|---|---|---|', ...rows].join('\n');
}

test('the table of plan fields is the schema’s (UPDATE=1 writes it)', () => {
  const page = read('docs/plan-files.md');
  const made = page.replace(/(<!-- fields -->\n)[^]*(<!-- end of fields -->)/, (_, begin: string, end: string) => `${begin}\n${makeFieldTable()}\n\n${end}`);
  if (process.env['UPDATE'] === '1') writeFileSync(join(root, 'docs/plan-files.md'), made);
  expect(read('docs/plan-files.md')).toBe(made);
  expect(made).toContain('| `finetuned` | The model under audit. | required |');
});

test('every code of an error has its way out, and no other', () => {
  const codes = [...read('src/audit/errors.ts').matchAll(/^ {2}\| '(\w+)'/gm)].map(([, code]) => code!);
  const told = [...read('docs/troubleshooting.md').matchAll(/^\| `(\w+)` \| \S.* \| \S.* \|$/gm)].map(([, code]) => code!);
  expect(codes.length).toBeGreaterThan(20);
  expect(told.sort()).toEqual(codes.sort());
});

test('every plan that is an example can be run', () => {
  const examples = pages.flatMap((page) => [...read(page).matchAll(/^```json\n([^]*?)^```/gm)].map(([, text]) => JSON.parse(text!) as object));
  const plans = examples.filter((example) => 'finetuned' in example);
  expect(plans.length).toBeGreaterThan(2);
  for (const plan of plans) expect(planFileSchema.safeParse(plan).error).toBeUndefined();
});

test.each(pages)('the links of %s lead to files that are there', (page) => {
  const links = [...read(page).matchAll(/\]\((?!https?:|#)([^)#\s]+)(?:#[^)]*)?\)/g)].map(([, path]) => path!);
  expect(links.filter((path) => !existsSync(join(root, dirname(page), path)))).toEqual([]);
});

test.each(pages)('the places within pages that %s points to exist', (page) => {
  const links = [...read(page).matchAll(/\]\((?!https?:)([^)#\s]*)#([^)\s]+)\)/g)].map(([, path, place]) => ({ path: path!, place: place! }));
  const missing = links.filter(({ path, place }) => {
    const target = path === '' ? page : join(dirname(page), path);
    const places = [...read(target).matchAll(/^#+ (.+)$/gm)].map(([, title]) => slug(title!));
    return !places.includes(place);
  });
  expect(missing).toEqual([]);
});

/** As GitHub names the place of a heading. */
function slug(title: string): string {
  return title
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replace(/\s/g, '-');
}
