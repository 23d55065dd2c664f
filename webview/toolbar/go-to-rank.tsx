import { useState } from 'preact/hooks';
import { usePage } from '../widgets/context.js';
import { Popover } from '../widgets/popover.js';

export function GoToRank() {
  const { state, commands } = usePage();
  const [refusal, setRefusal] = useState<string | null>(null);
  const close = () => {
    setRefusal(null);
    if (commands.openPanel.peek() === 'goToRank') commands.openPanel.value = null;
  };
  return (
    <Popover id="go-to-rank" label="Go to a rank" anchor="rank-button" open={commands.openPanel.value === 'goToRank'} onClose={close}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          const rank = Number(new FormData(event.currentTarget).get('rank'));
          const reason = commands.goToRank(rank);
          setRefusal(reason);
          if (reason !== null) return;
          close();
          commands.list?.focus();
        }}
      >
        <label>
          Go to rank{' '}
          <input name="rank" type="number" class="number-field" min={1} max={state.ranks.value.ranked.length} step={1} required data-autofocus aria-invalid={refusal !== null} />
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
