import { usePage } from '../widgets/context.js';

/** All framings, or one of them; absent where the audit has only one. */
export function FramingSwitch() {
  const { state } = usePage();
  const framings = state.audit.value?.framings ?? [];
  if (framings.length < 2) return null;
  const chosen = state.filter.value.framing;
  return (
    <span class="switch" role="group" aria-label="Framing" title="Framing (F)">
      {(['all', ...framings] as const).map((framing) => (
        <button key={framing} aria-pressed={chosen === framing} onClick={() => state.changeFilter({ framing })}>
          {framing === 'all' ? 'Both' : framing}
        </button>
      ))}
    </span>
  );
}
