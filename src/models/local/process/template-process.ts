/** The template process: renders one chat template, as often as it is asked to, for the model process. */
import process from 'node:process';
import { reasonOf } from '../../../audit/errors.js';
import { endWithParent } from '../../../messages/end-with-parent.js';
import { renderJinja } from './python-jinja.js';
import type { TemplateAnswer, TemplateTask } from './render-template.js';

function render({ source, variables, maxCharacters }: TemplateTask): TemplateAnswer {
  try {
    const text = renderJinja(source, variables);
    return text.length > maxCharacters ? { kind: 'tooLong' } : { kind: 'text', text };
  } catch (error) {
    // The language's own errors would speak of its code.
    const reason = reasonOf(error) ?? (error instanceof RangeError ? 'it writes too much, or calls itself without end' : 'it uses something that there is not');
    return { kind: 'failed', message: reason };
  }
}

endWithParent();
process.on('message', (task: TemplateTask) => process.send!(render(task)));
