/** Files are checked where they are chosen: a wrong one is refused with its reason and never offered again; what fits is suggested. */
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { scaled } from '../bed/timeouts.mjs';
import { chooseFile } from './audit-steps.js';
import { useBed } from './fixture.js';

const FILES = ['base-a.f16.gguf', 'base-a.q8_0.gguf', 'false-fact.lora.gguf'];
const bed = useBed({
  prepareWorkspace: (folder) => {
    mkdirSync(join(folder, 'models'));
    for (const name of FILES) copyFileSync(join('media/demo', name), join(folder, 'models', name));
    writeFileSync(join(folder, 'models', 'notes.gguf'), 'These are notes.');
  },
});
const at = (name: string) => join(bed.workspace, 'models', name);

test('a file that is no model is refused at the first question, whole reason and all', async () => {
  const { workbench } = bed;
  const { quickInput } = workbench;
  await workbench.runCommand('Finetune Auditor: Audit Finetuned Model…');
  await quickInput.waitForTitle('Finetuned model (1/6)');
  await quickInput.pick(/GGUF file/);
  await chooseFile(bed, at('notes.gguf'));
  const refusal = workbench.dialog('notes cannot be used');
  await refusal.waitFor({ timeout: scaled(60_000) });
  expect(await refusal.innerText()).toMatch(/notes\.gguf is not a GGUF file\. Choose a \.gguf file/);
  await workbench.screenshot('wizard-refused');
  await workbench.page.keyboard.press('Enter');
  await quickInput.waitForTitle('Finetuned model (1/6)');
});

test('an adapter asks for what it sits on, and finds it beside', async () => {
  const { workbench } = bed;
  const { quickInput } = workbench;
  await quickInput.pick(/GGUF file/);
  await chooseFile(bed, at('false-fact.lora.gguf'));
  await quickInput.row('base-a.f16').waitFor({ timeout: scaled(60_000) });
  await workbench.screenshot('wizard-base');
  await quickInput.pick('base-a.f16');
  await quickInput.waitForTitle('Reference model (2/6)');
});

test('the reference question suggests the base and what lies beside it, the noise floor another quantisation', async () => {
  const { workbench } = bed;
  const { quickInput } = workbench;
  const labels = (await quickInput.items()).map(({ label }) => label);
  expect(labels.slice(0, 2)).toEqual(['base-a.f16 without the adapter', 'base-a.q8_0']);
  expect(labels).not.toContain('notes');
  await workbench.page.mouse.move(700, 700);
  await workbench.screenshot('wizard-reference');
  await quickInput.accept();
  await quickInput.waitForTitle('Noise floor (3/6)');
  expect((await quickInput.items()).map(({ label }) => label).slice(0, 2)).toEqual(['No noise floor', 'base-a.q8_0']);
  await workbench.screenshot('wizard-noise-floor');
  await quickInput.pick('base-a.q8_0');
  await quickInput.waitForTitle('Corpus (4/6)');
  await workbench.screenshot('wizard-corpus');
  await quickInput.dismiss();
});
