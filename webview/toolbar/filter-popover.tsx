import { SCORE_DEFINITIONS } from '../../src/audit/scores.js';
import { makeRange } from '../state/filtering.js';
import { LABEL_STATE_NAMES } from '../state/names.js';
import { LABEL_STATES, type LabelState, type NumberRange } from '../state/view-settings.js';
import { Checkbox } from '../widgets/checkbox.js';
import { usePage } from '../widgets/context.js';
import { LabelMark } from '../widgets/label-mark.js';
import { Popover } from '../widgets/popover.js';
import { withKey } from '../page-keys.js';

/** Every filter, the brushes of the plots included, as something to type or tick. */
export function FilterPopover() {
  const { state, commands } = usePage();
  const filter = state.filter.value;
  const score = state.score.value;
  const toggleLabel = (label: LabelState) => {
    const labels = filter.labels.includes(label) ? filter.labels.filter((other) => other !== label) : [...filter.labels, label];
    state.changeFilter({ labels: labels.length === LABEL_STATES.length ? [] : labels });
  };
  return (
    <Popover
      id="filters"
      label="Filters"
      anchor="filters-button"
      open={commands.openPanel.value === 'filters'}
      onClose={() => {
        if (commands.openPanel.peek() === 'filters') commands.openPanel.value = null;
      }}
    >
      <fieldset class="filter-labels">
        <legend>Labels</legend>
        {LABEL_STATES.map((label, index) => (
          <Checkbox key={label} checked={filter.labels.includes(label)} onChange={() => toggleLabel(label)} autofocus={index === 0}>
            <LabelMark label={label} decorative /> {LABEL_STATE_NAMES[label]}
          </Checkbox>
        ))}
      </fieldset>
      <RangeFields name="Tokens" range={filter.tokens} onChange={(tokens) => state.changeFilter({ tokens })} />
      <RangeFields
        name={SCORE_DEFINITIONS[score].name}
        range={filter.score?.name === score ? filter.score : null}
        onChange={(range) => state.changeFilter({ score: range && { name: score, ...range } })}
      />
      <RangeFields name="PPL of F" range={filter.perplexityFinetuned} onChange={(perplexityFinetuned) => state.changeFilter({ perplexityFinetuned })} />
      <RangeFields name="PPL of R" range={filter.perplexityReference} onChange={(perplexityReference) => state.changeFilter({ perplexityReference })} />
      <Checkbox checked={filter.foldRepetitive} onChange={() => commands.toggleRepetitive()}>
        Fold repetitive completions away
      </Checkbox>
      <div class="popover-actions">
        <vscode-button appearance="secondary" title={withKey('Clear filters', 'clearFilters')} onClick={() => commands.clearFilters()}>
          Clear filters
        </vscode-button>
      </div>
    </Popover>
  );
}

function RangeFields({ name, range, onChange }: { name: string; range: NumberRange | null; onChange: (range: NumberRange | null) => void }) {
  const field = (end: 'min' | 'max') => (
    <input
      type="number"
      step="any"
      class="number-field"
      aria-label={`${name}, ${end === 'min' ? 'at least' : 'at most'}`}
      placeholder={end === 'min' ? 'at least' : 'at most'}
      value={range?.[end] == null ? '' : Number(range[end].toPrecision(6))}
      onChange={(event) => {
        const typed = event.currentTarget.valueAsNumber;
        const value = Number.isFinite(typed) ? typed : null;
        onChange(end === 'min' ? makeRange(value, range?.max ?? null) : makeRange(range?.min ?? null, value));
      }}
    />
  );
  return (
    <fieldset class="filter-range">
      <legend>{name}</legend>
      {field('min')}
      <span aria-hidden="true">–</span>
      {field('max')}
    </fieldset>
  );
}
