import { visibleLine } from '../../src/text/visible-text.js';
import { usePage } from '../widgets/context.js';
import { Icon } from '../widgets/icon.js';
import { readableText } from '../text/two-texts.js';

const LONGEST_SNIPPET = 60;

/** The completions that the conclusion rests on: a click goes there. */
export function Citations() {
  const { state, commands } = usePage();
  const { citations } = state.conclusion.written.value;
  if (citations.length === 0) {
    return (
      <p class="dim">
        Cites nothing yet. <kbd>Q</kbd> cites the completion that is shown.
      </p>
    );
  }
  return (
    <ul class="citations" aria-label="Cited completions">
      {citations.map((id) => {
        const completion = state.byId.value.get(id);
        const text = completion ? visibleLine(readableText(completion).trim()) : 'not in this audit';
        return (
          <li key={id} class={`citation ${completion ? '' : 'missing'}`}>
            <button
              class="link-button"
              disabled={!completion}
              title={`#${id}: ${text}`}
              onClick={() => {
                state.select(id);
                commands.list?.focus();
              }}
            >
              {state.nameOf.value(id)} <span class="citation-text">{text.slice(0, LONGEST_SNIPPET)}</span>
            </button>
            <button
              class="icon-button"
              aria-label={`Cite ${state.nameOf.value(id)} no longer`}
              title="Cite no longer"
              onClick={() => void state.conclusion.cite(id)}
            >
              <Icon name="close" />
            </button>
          </li>
        );
      })}
    </ul>
  );
}
