import { FRAMING_SENTENCES } from '../state/names.js';
import { usePage } from '../widgets/context.js';
import { withKey } from '../page-keys.js';

/** All framings, or one of them; absent where the audit has only one. */
export function FramingSwitch() {
  const { state } = usePage();
  const framings = state.audit.value?.framings ?? [];
  if (framings.length < 2) return null;
  const chosen = state.filter.value.framing;
  return (
    <span class="switch" role="group" aria-label="Framing">
      {(['all', ...framings] as const).map((framing) => (
        <button
          key={framing}
          aria-pressed={chosen === framing}
          title={withKey(framing === 'all' ? 'All framings' : FRAMING_SENTENCES[framing], 'framing')}
          onClick={() => state.changeFilter({ framing })}
        >
          {framing !== 'all' ? framing : framings.length === 2 ? 'Both' : 'All'}
        </button>
      ))}
    </span>
  );
}
