import { useState } from 'preact/hooks';
import type { Framing } from '../../src/audit/framing.js';
import { usePage } from '../widgets/context.js';
import { Popover } from '../widgets/popover.js';

/** To a place in the ranking of a framing. */
export function GoToRank() {
  const { state, commands } = usePage();
  const [refusal, setRefusal] = useState<string | null>(null);
  const close = () => {
    setRefusal(null);
    if (commands.openPanel.peek() === 'goToRank') commands.openPanel.value = null;
  };
  const { value: looked } = state.framing;
  const framings = looked === 'all' ? (state.audit.value?.framings ?? []) : [looked];
  const usual = state.selected.value && framings.includes(state.selected.value.framing) ? state.selected.value.framing : framings[0];
  return (
    <Popover id="go-to-rank" label="Go to a rank" anchor="rank-button" open={commands.openPanel.value === 'goToRank'} onClose={close}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          const asked = new FormData(event.currentTarget);
          const reason = commands.goToRank(asked.get('framing') as Framing, Number(asked.get('rank')));
          setRefusal(reason);
          if (reason !== null) return;
          close();
          commands.list?.focus();
        }}
      >
        <label>
          Go to{' '}
          <select name="framing" class="number-field" aria-label="Framing">
            {framings.map((framing) => (
              <option key={framing} value={framing} selected={framing === usual}>
                {framing}
              </option>
            ))}
          </select>{' '}
          <input name="rank" type="number" class="number-field" aria-label="Rank" min={1} step={1} required data-autofocus aria-invalid={refusal !== null} />
        </label>
        {refusal && (
          <p class="field-error" role="alert">
            {refusal}
          </p>
        )}
      </form>
    </Popover>
  );
}
