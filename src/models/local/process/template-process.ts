/** The template process: renders one chat template, as often as it is asked to, for the model process. */
import process from 'node:process';
import { Template } from '@huggingface/jinja';
import { endWithParent } from './end-with-parent.js';
import { formatFixedDate } from './fixed-date.js';
import type { TemplateAnswer, TemplateTask } from './render-template.js';

/** A template may raise a message of any length. */
const MAX_FAILURE_CHARACTERS = 500;

/** Takes the place of the library's clock, which cannot be replaced otherwise. The renderer drops a newline after a block. */
const FIX_DATE = '{% set strftime_now = fixed_strftime %}\n';

function render({ source, variables, maxCharacters }: TemplateTask): TemplateAnswer {
  try {
    const text = new Template(FIX_DATE + source).render({ ...variables, fixed_strftime: formatFixedDate });
    return text.length > maxCharacters ? { kind: 'tooLong' } : { kind: 'text', text };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { kind: 'failed', message: message.slice(0, MAX_FAILURE_CHARACTERS) };
  }
}

endWithParent();
process.on('message', (task: TemplateTask) => process.send!(render(task)));
