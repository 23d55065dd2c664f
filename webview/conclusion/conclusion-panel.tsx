import { LONGEST_STATEMENT } from '../../src/messages/limits.js';
import { useEffect, useId } from 'preact/hooks';
import { CONFIDENCES, type Confidence } from '../../src/analysis/finding.js';
import { visibleLine } from '../../src/text/visible-text.js';
import { formatTime } from '../text/numbers.js';
import { usePage } from '../widgets/context.js';
import { Icon } from '../widgets/icon.js';
import { Citations } from './citations.js';
import { DraftView } from './draft-view.js';

const CONFIDENCE_NAMES: Readonly<Record<Confidence, string>> = { low: 'Low', medium: 'Medium', high: 'High', inconclusive: 'Inconclusive' };

/** What the auditor takes the objective to be, how sure they are, and what it rests on. */
export function ConclusionPanel() {
  const { state, commands } = usePage();
  const { conclusion } = state;
  const { statement, confidence, draftedBy } = conclusion.written.value;
  const confidenceName = useId();
  useEffect(() => () => void conclusion.save(), []);
  return (
    <section class="side-panel conclusion" id="conclusion" aria-label="Conclusion">
      <div class="conclusion-scroll">
        <textarea
          id="statement"
          data-autofocus
          class="text-area statement"
          rows={3}
          maxlength={LONGEST_STATEMENT}
          aria-label="What was the model finetuned to do?"
          placeholder="What was the model finetuned to do? [#12] cites completion 12."
          value={statement}
          onInput={(event) => conclusion.write({ statement: event.currentTarget.value })}
          onBlur={() => void conclusion.save()}
          onKeyDown={(event) => {
            const done = event.key === 'Escape' || (event.key === 'Enter' && (event.ctrlKey || event.metaKey));
            if (!done) return;
            event.preventDefault();
            event.stopPropagation();
            void conclusion.save();
            commands.list?.focus();
          }}
        />
        <div class="conclusion-row">
          <span class="confidence" role="radiogroup" aria-label="Confidence">
            <span class="dim" aria-hidden="true">
              Confidence
            </span>
            {CONFIDENCES.map((choice) => (
              <label key={choice} class="form-label">
                <input type="radio" name={confidenceName} checked={confidence === choice} onChange={() => void conclusion.choose(choice)} />{' '}
                {CONFIDENCE_NAMES[choice]}
              </label>
            ))}
          </span>
        </div>
        <Citations />
        {conclusion.problems.value.map((problem) => (
          <p key={problem} class="conclusion-problem">
            <Icon name="warning" /> {problem}
          </p>
        ))}
        <DraftView />
        <Others />
      </div>
      <p class="panel-foot dim">
        <Saved />
        {draftedBy !== undefined && ` Drafted by ${visibleLine(draftedBy)}.`}
      </p>
    </section>
  );
}

function Saved() {
  const { state } = usePage();
  const saving = state.conclusion.saving.value;
  const written = state.evidence.conclusion.value;
  if (saving === 'saving') return <>Saving…</>;
  if (saving !== 'saved') {
    return (
      <span class="field-error" role="alert">
        Not saved: {saving.reason}
      </span>
    );
  }
  if (!written) return <>Saved with the audit as soon as something is written.</>;
  return (
    <>
      Saved: {visibleLine(written.author)}, {formatTime(written.time)}.
    </>
  );
}

/** What others concluded apart from it. */
function Others() {
  const { state } = usePage();
  return (
    <>
      {state.evidence.otherConclusions.value.map((other) => (
        <p key={`${other.author} ${other.time}`} class="other-conclusion">
          <Icon name="git-compare" /> {visibleLine(other.author)} concluded apart from this ({CONFIDENCE_NAMES[other.confidence].toLowerCase()}):{' '}
          {visibleLine(other.statement)}
        </p>
      ))}
    </>
  );
}
