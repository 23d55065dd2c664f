/** One person under two names is one author, for all who read the file; two people never become one by themselves. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { compareAuthors } from '../../../src/analysis/figures/agreement.js';
import { FindingsFile } from '../../../src/records/findings/findings.js';
import { readAliases } from '../../../src/records/findings/authors.js';
import type { AuthorEvent } from '../../../src/records/findings/events.js';
import { makeTempFolder } from './temp-folder.js';

const judge = (completionId: number, label: 'revealing' | 'unsure') => ({ completionId, label, category: null, note: '' });
const ADA = { name: 'Ada Lovelace', also: ['ada'] };

it('agrees with nobody where one person signed with two names, and takes back what the other name said', async () => {
  const folder = await makeTempFolder();
  const before = await FindingsFile.open(folder, 'ada');
  await before.set(judge(1, 'revealing'));
  await before.set(judge(2, 'revealing'));
  const now = await FindingsFile.open(folder, ADA);
  expect(now.current().get(1)).toMatchObject({ label: 'revealing', author: 'Ada Lovelace' });
  await now.set(judge(1, 'unsure'));
  // A report, or a colleague, who knows neither name.
  const reader = await FindingsFile.open(folder, '');
  expect(compareAuthors(reader.judgements())).toEqual([]);
  expect([...reader.judgements()].map(([id, list]) => [id, list.map(({ author, label }) => `${author}: ${label}`)])).toEqual([
    [1, ['Ada Lovelace: unsure']],
    [2, ['Ada Lovelace: revealing']],
  ]);
  expect(reader.newer).toEqual([]);
  // Nothing that was signed is rewritten, and it is said once.
  await now.set(judge(2, 'unsure'));
  const lines = (await readFile(join(folder, 'findings.jsonl'), 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(lines.slice(0, 2).map(({ author }) => author)).toEqual(['ada', 'ada']);
  expect(lines.filter(({ kind }) => kind === 'author')).toMatchObject([{ author: 'Ada Lovelace', also: ['ada'] }]);
});

it('says nothing of names that signed nothing here', async () => {
  const folder = await makeTempFolder();
  await (await FindingsFile.open(folder, ADA)).set(judge(1, 'revealing'));
  expect(await readFile(join(folder, 'findings.jsonl'), 'utf8')).not.toContain('"author","also"');
  expect(await readFile(join(folder, 'findings.jsonl'), 'utf8')).not.toContain('also');
});

it('changes the name of what is written while the file is open', async () => {
  const file = await FindingsFile.open(await makeTempFolder(), 'ada');
  await file.set(judge(1, 'revealing'));
  file.setAuthor(ADA);
  expect(file.author).toBe('Ada Lovelace');
  await file.set(judge(1, 'unsure'));
  expect([...file.judgements().values()].flat().map(({ author, label }) => [author, label])).toEqual([['Ada Lovelace', 'unsure']]);
  expect(await file.undo()).toMatchObject({ completionId: 1 });
  expect(file.current().get(1)).toMatchObject({ label: 'revealing', author: 'Ada Lovelace' });
});

it('keeps a reader’s own name theirs, whatever a file claims', async () => {
  const folder = await makeTempFolder();
  await (await FindingsFile.open(folder, 'Ada')).set(judge(1, 'revealing'));
  const mallory = await FindingsFile.open(folder, { name: 'Mallory', also: ['Ada'] });
  await mallory.set(judge(2, 'unsure'));
  expect((await FindingsFile.open(folder, 'Ada')).current().get(1)).toMatchObject({ author: 'Ada' });
});

it('comes to the same whatever the order of the lines, and no name stands for another that stands for a third', () => {
  const name = fc.constantFrom('a', 'b', 'c', 'd');
  const event = fc.record({ id: fc.uuid(), author: name, also: fc.array(name, { maxLength: 3 }), second: fc.integer({ min: 0, max: 30 }) });
  fc.assert(
    fc.property(fc.uniqueArray(event, { selector: ({ id }) => id, maxLength: 8 }), (list) => {
      const events = list.map(({ id, author, also, second }): AuthorEvent => ({
        kind: 'author',
        id,
        supersedes: [],
        author,
        also,
        time: new Date(second * 1000).toISOString(),
      }));
      const aliases = readAliases(events, { name: '', also: [] });
      expect(new Map([...readAliases([...events].reverse(), { name: '', also: [] })].sort())).toEqual(new Map([...aliases].sort()));
      for (const stands of aliases.values()) expect(aliases.has(stands)).toBe(false);
    }),
  );
});
