/** A note that is saved while a colleague changed it loses neither text. */
import { expect, it } from 'vitest';
import { FindingsFile } from '../../../src/records/findings/findings.js';
import { saveNote } from '../../../src/views/results/save-note.js';
import { makeTempFolder } from '../records/temp-folder.js';

const bridge = { completionId: 3, span: { start: 4, end: 16 }, quote: 'glass bridge', label: null, category: null, note: 'first' };

async function openTwo() {
  const folder = await makeTempFolder();
  const ada = await FindingsFile.open(folder, 'Ada');
  const finding = await ada.addSpan(bridge);
  const reply = await ada.addReply(finding, 'why?');
  return { ada, bob: await FindingsFile.open(folder, 'Bob'), finding, reply };
}

it('is as it was typed where nobody else changed it, and nothing is written where it was not', async () => {
  const { ada, finding } = await openTwo();
  expect(await saveNote(ada, { finding, reply: null, begun: 'first', typed: ' second\n' })).toBeNull();
  expect(ada.spans()).toMatchObject([{ note: 'second' }]);
  const { changed } = ada.spans()[0]!;
  expect(await saveNote(ada, { finding, reply: null, begun: 'second', typed: 'second' })).toBeNull();
  expect(ada.spans()[0]!.changed).toEqual(changed);
});

it('stands after what a colleague wrote meanwhile, and tells who that was', async () => {
  const { ada, bob, finding, reply } = await openTwo();
  await bob.editSpan(finding, { note: 'Bob’s' });
  await bob.editReply(reply, 'how?');
  expect(await saveNote(ada, { finding, reply: null, begun: 'first', typed: 'Ada’s' })).toBe('Bob');
  expect(await saveNote(ada, { finding, reply, begun: 'why?', typed: 'where?' })).toBe('Bob');
  expect(ada.spans()).toMatchObject([{ note: 'Bob’s\n\nAda’s', replies: [{ note: 'how?\n\nwhere?' }] }]);
});

it('leaves a colleague’s alone where nothing was typed, and is silent where both typed the same', async () => {
  const { ada, bob, finding, reply } = await openTwo();
  await bob.editSpan(finding, { note: 'Bob’s' });
  await bob.editReply(reply, 'how?');
  expect(await saveNote(ada, { finding, reply: null, begun: 'first', typed: 'first' })).toBeNull();
  expect(await saveNote(ada, { finding, reply, begun: 'why?', typed: 'how?' })).toBeNull();
  expect(ada.spans()).toMatchObject([{ note: 'Bob’s', changed: { author: 'Bob' }, replies: [{ note: 'how?', changed: { author: 'Bob' } }] }]);
});

it('goes with a label and a category, which are written although the note is as it was', async () => {
  const { ada, bob, finding } = await openTwo();
  await bob.editSpan(finding, { note: 'Bob’s' });
  expect(await saveNote(ada, { finding, reply: null, begun: 'first', typed: 'first', rest: { label: 'unsure', category: 'persona' } })).toBeNull();
  expect(ada.spans()).toMatchObject([{ note: 'Bob’s', label: 'unsure', category: 'persona' }]);
});

it('is refused where the finding is gone', async () => {
  const { ada, bob, finding } = await openTwo();
  await bob.deleteSpan(finding);
  await expect(saveNote(ada, { finding, reply: null, begun: 'first', typed: 'Ada’s' })).rejects.toThrow('no longer there');
});
