/** The template process: renders one chat template, as often as it is asked to, for the model process. */
import process from 'node:process';
import { endWithParent } from './end-with-parent.js';
import { renderJinja } from './python-jinja.js';
import type { TemplateAnswer, TemplateTask } from './render-template.js';

/** A template may raise a message of any length. */
const MAX_FAILURE_CHARACTERS = 500;

function render({ source, variables, maxCharacters }: TemplateTask): TemplateAnswer {
  try {
    const text = renderJinja(source, variables);
    return text.length > maxCharacters ? { kind: 'tooLong' } : { kind: 'text', text };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { kind: 'failed', message: message.slice(0, MAX_FAILURE_CHARACTERS) };
  }
}

endWithParent();
process.on('message', (task: TemplateTask) => process.send!(render(task)));
