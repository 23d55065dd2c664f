/** Audits of one pair of models have one name: beside each other they do not look the same. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { titleAudits } from '../../../src/views/audit-titles.js';

const at = (folder: string, name: string, createdAt: string) => ({ folder, name, createdAt });

it('leaves a name that is one audit’s own as it is', () => {
  const titles = titleAudits([at('/a', 'x', '2026-03-01T10:00:00Z'), at('/b', 'y', '2026-03-01T10:00:00Z')]);
  expect([...titles]).toEqual([
    ['/a', 'x'],
    ['/b', 'y'],
  ]);
});

it('tells by day and time, and by seconds only what it must', () => {
  const titles = titleAudits([
    at('/a', 'x', '2026-03-01T10:00:05Z'),
    at('/b', 'x', '2026-03-01T10:00:41Z'),
    at('/c', 'x', '2026-03-02T10:07:00Z'),
    at('/d', 'y', '2026-03-02T10:07:00Z'),
  ]);
  expect(new Set(titles.values()).size).toBe(4);
  for (const folder of ['/a', '/b', '/c']) expect(titles.get(folder)).toMatch(/^x · /);
  expect(titles.get('/c')!.length).toBeLessThan(titles.get('/a')!.length);
  expect(titles.get('/d')).toBe('y');
});

it('names every audit, and no two alike that began in different seconds', () => {
  const audit = fc.record({ folder: fc.uuid(), name: fc.constantFrom('x', 'y', ''), second: fc.integer({ min: 0, max: 400_000 }) });
  fc.assert(
    fc.property(fc.uniqueArray(audit, { selector: ({ folder }) => folder }), (list) => {
      const audits = list.map(({ folder, name, second }) => at(folder, name, new Date(1_780_000_000_000 + 1000 * second).toISOString()));
      const titles = titleAudits(audits);
      expect(titles.size).toBe(audits.length);
      const distinct = new Set(audits.map(({ name, createdAt }) => `${name} ${createdAt}`));
      expect(new Set(titles.values()).size).toBe(distinct.size);
    }),
  );
});
