import { SCORE_DEFINITIONS, explainScore } from '../../src/audit/scores.js';
import { explainQuantity, LINE_NUMBERS, VALUE_FIELDS, VALUE_FIELD_TEXTS } from '../../src/analysis/filter-line/fields.js';
import { visibleLine } from '../../src/text/visible-text.js';
import { useEffect, useRef } from 'preact/hooks';
import { KEY_BINDINGS, KEY_GROUPS } from '../keyboard.js';
import { usePage } from '../widgets/context.js';
import { Icon } from '../widgets/icon.js';
import { pageKeys, shownKeys } from '../page-keys.js';

/** The keys, and what the scores mean. A modal dialog of the browser: focus stays in it, Escape closes it. */
export function HelpDialog() {
  const { state, commands } = usePage();
  const dialog = useRef<HTMLDialogElement>(null);
  const open = commands.openPanel.value === 'help';
  useEffect(() => {
    if (open && !dialog.current!.open) dialog.current!.showModal();
    if (!open && dialog.current!.open) dialog.current!.close();
  }, [open]);
  const close = () => {
    if (commands.openPanel.peek() === 'help') commands.openPanel.value = null;
  };
  return (
    <dialog ref={dialog} class="help" aria-labelledby="help-title" onClose={close} onClick={(event) => event.target === dialog.current && close()}>
      <div class="help-body">
        <div class="help-head">
          <h2 id="help-title">Keys</h2>
          <button class="icon-button" aria-label="Close" title="Close (Escape)" onClick={close}>
            <Icon name="close" />
          </button>
        </div>
        {pageKeys.value.problems.map((problem) => (
          <p key={problem} class="failure">
            <span>
              Setting <code>finetuneAuditor.pageKeys</code>: {visibleLine(problem)}
            </span>
          </p>
        ))}
        <div class="help-groups">
          {KEY_GROUPS.map((group) => (
            <section key={group}>
              <h3>{group}</h3>
              <dl>
                {KEY_BINDINGS.filter((binding) => binding.group === group).map(({ command, does }) => (
                  <div key={does}>
                    <dt>
                      {shownKeys(command).map((key) => (
                        <kbd key={key}>{key}</kbd>
                      ))}
                    </dt>
                    <dd>{does}</dd>
                  </div>
                ))}
              </dl>
            </section>
          ))}
        </div>
        <h3>The filter line</h3>
        <p>
          Text is looked for as it stands. Conditions all have to hold: <code>theme:"green glass" label:none gap&gt;2</code>. A minus before one turns it round
          (<code>-label:none</code>), a comma means or (<code>label:not,unsure</code>), quotation marks hold blanks.
        </p>
        <dl class="help-scores">
          {VALUE_FIELDS.map((field) => (
            <div key={field}>
              <dt>{field}:</dt>
              <dd>{VALUE_FIELD_TEXTS[field]}</dd>
            </div>
          ))}
          {Object.entries(LINE_NUMBERS).map(([name, quantity]) => (
            <div key={name}>
              <dt>{name}&gt; &gt;= &lt; &lt;= =</dt>
              <dd>{explainQuantity(quantity)}</dd>
            </div>
          ))}
        </dl>
        <h3>Scores</h3>
        <dl class="help-scores">
          {state.scoreNames.value.map((name) => (
            <div key={name}>
              <dt>{SCORE_DEFINITIONS[name].name}</dt>
              <dd>{explainScore(name, state.sameTokenizer.value, state.imported.value)}</dd>
            </div>
          ))}
        </dl>
      </div>
    </dialog>
  );
}
