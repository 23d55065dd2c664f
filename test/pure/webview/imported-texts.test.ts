/** What the page says of imports that tell less than an audit does. */
import { expect, it } from 'vitest';
import { seamClass } from '../../../webview/detail/prefill-text.js';
import { sortOptions } from '../../../webview/state/names.js';
import { summary } from './samples.js';

it('offers no order by score where there is none, and calls the order of a file what it is', () => {
  const values = (imported: boolean, isScored: boolean) => sortOptions(imported, isScored).map(({ value }) => value);
  expect(values(true, false)).not.toEqual(expect.arrayContaining(['descending']));
  expect(values(true, false)).not.toEqual(expect.arrayContaining(['ascending']));
  expect(values(true, false)).toContain('plan');
  expect(values(true, true)).toEqual(expect.arrayContaining(['descending', 'ascending', 'plan']));
  expect(sortOptions(true, true).find(({ value }) => value === 'plan')!.text).toBe('Order of the file');
  expect(sortOptions(false, true).find(({ value }) => value === 'plan')!.text).not.toBe('Order of the file');
});

it('marks where an imported prefill ends and its completion begins without a space between', () => {
  const imported = { ...summary(1), hasTokens: false as const, framing: 'raw' as const, prefillText: 'Once upon', text: 'a time' };
  expect(seamClass(imported)).toBe('seam');
  expect(seamClass({ ...imported, text: ' a time' })).toBe('');
  expect(seamClass({ ...imported, prefillText: 'Once upon ' })).toBe('');
  const { hasTokens: _, ...measured } = imported;
  expect(seamClass(measured)).toBe('');
});
