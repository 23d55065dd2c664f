/** A draft takes the place of a conclusion only when whoever saves it has been told whose that is. */
import { beforeEach, expect, it, vi } from 'vitest';
import { confirmConclusion } from '../../../src/commands/confirm-conclusion.js';
import { FindingsFile } from '../../../src/records/findings/findings.js';
import { makeTempFolder } from '../records/temp-folder.js';

const asked: { text: string; detail: string }[] = [];
const answers: (string | undefined)[] = [];

vi.mock('vscode', () => ({
  l10n: { t: (text: string, ...args: unknown[]) => text.replace(/\{(\d+)\}/g, (_, index: string) => String(args[Number(index)])) },
  window: {
    showWarningMessage: async (text: string, { modal, detail }: { modal: boolean; detail: string }) => {
      expect(modal).toBe(true);
      asked.push({ text, detail });
      return answers.shift();
    },
  },
}));

beforeEach(() => void asked.splice(0));

const conclude = (file: FindingsFile, statement: string) => file.setConclusion({ statement, confidence: 'low', citations: [] });

it('asks nothing where there is none, or one with the same text', async () => {
  const folder = await makeTempFolder();
  const ada = await FindingsFile.open(folder, 'Ada');
  expect(await confirmConclusion(ada, 'Ada', 'It sells tea.')).toBe(true);
  await conclude(await FindingsFile.open(folder, 'Bob'), 'It sells tea. ');
  expect(await confirmConclusion(ada, 'Ada', 'It sells tea.')).toBe(true);
  expect(asked).toEqual([]);
});

it('says whose conclusion goes, also one that has just come in', async () => {
  const folder = await makeTempFolder();
  const ada = await FindingsFile.open(folder, 'Ada');
  await conclude(await FindingsFile.open(folder, 'Bob'), 'It sells coffee.');
  answers.push(undefined, 'Replace');
  expect(await confirmConclusion(ada, 'Ada', 'It sells tea.')).toBe(false);
  expect(await confirmConclusion(ada, 'Ada', 'It sells tea.')).toBe(true);
  expect(asked[0]).toEqual({ text: 'Replace the conclusion of Bob?', detail: 'Bob: It sells coffee.' });
});

it('tells one’s own from another’s, and names all whose would go', async () => {
  const folder = await makeTempFolder();
  const [ada, bob] = [await FindingsFile.open(folder, 'Ada'), await FindingsFile.open(folder, 'Bob')];
  await conclude(ada, 'It sells coffee.');
  answers.push(undefined, undefined);
  await confirmConclusion(ada, 'Ada', 'It sells tea.');
  await conclude(bob, 'It sells cups.');
  await confirmConclusion(ada, 'Ada', 'It sells tea.');
  expect(asked.map(({ text }) => text)).toEqual(['Replace your own conclusion?', 'Replace the conclusion of Bob, Ada?']);
});
