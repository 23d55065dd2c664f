import { countOf } from '../../src/text/numbers.js';
import { visibleLine } from '../../src/text/visible-text.js';
import { namePassOption } from '../state/passes.js';
import { usePage } from '../widgets/context.js';
import { Icon } from '../widgets/icon.js';

/** Why there is nothing to read, and what to do about it. */
export function ListEmpty() {
  const { state, commands } = usePage();
  const status = state.status.value;
  const some = state.completions.value.length > 0;
  if (some) {
    const folded = state.filter.value.foldRepetitive ? state.repetitiveCount.value : 0;
    const asked = state.search.value.conditions.flatMap((condition) => (condition.kind === 'pass' && !condition.negated ? condition.anyOf : []));
    const otherPass = state.passes.value?.offers.find(({ name }) => asked.includes(name) && !asked.includes(state.pass.value));
    return (
      <div class="empty">
        <Icon name="filter" />
        <p>No completion fits the filters.</p>
        {otherPass !== undefined && <p class="dim">The line asks for another pass than the one that is shown.</p>}
        <div class="empty-actions">
          {otherPass !== undefined && (
            <vscode-button onClick={() => void commands.showPass(otherPass.name)}>Show {namePassOption(otherPass.name, state.passes.value)}</vscode-button>
          )}
          {folded > 0 && (
            <vscode-button appearance="secondary" onClick={() => commands.toggleRepetitive()}>
              Show {folded} repetitive
            </vscode-button>
          )}
          <vscode-button onClick={() => commands.clearFilters()}>Clear filters</vscode-button>
        </div>
      </div>
    );
  }
  if (!status || (state.audit.value && !state.complete.value)) {
    return (
      <div class="empty">
        <vscode-progress-ring />
        <p>Opening the audit…</p>
      </div>
    );
  }
  if (status.state === 'failed') {
    return (
      <div class="empty failed">
        <Icon name="error" />
        <p>{status.message}</p>
        {status.canResume && <vscode-button onClick={() => void state.host.act({ action: 'resume' })}>Resume</vscode-button>}
      </div>
    );
  }
  if (state.running.value) {
    return (
      <div class="empty">
        <vscode-progress-ring />
        <p>{visibleLine(status.standstill ?? (status.message || 'Getting ready…'))}</p>
        <p class="dim">Completions appear here, ranked, as soon as both models have read them.</p>
      </div>
    );
  }
  return (
    <div class="empty">
      <Icon name="inbox" />
      <p>{status.state === 'stopped' ? 'Stopped before the first completion.' : 'This audit has no completions.'}</p>
      {state.setAsideCount.value > 0 && (
        <p class="dim">{countOf(state.setAsideCount.value, 'completion')} set aside: the reasons are at the top of the page.</p>
      )}
      {status.canResume && <vscode-button onClick={() => void state.host.act({ action: 'resume' })}>Resume</vscode-button>}
    </div>
  );
}
