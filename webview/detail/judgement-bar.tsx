import { FINDING_LABELS } from '../../src/analysis/finding.js';
import type { PageCommandName } from '../../src/messages/page-commands.js';
import { visibleLine } from '../../src/text/visible-text.js';
import { LABEL_STATE_NAMES } from '../state/names.js';
import { Checkbox } from '../widgets/checkbox.js';
import { usePage } from '../widgets/context.js';
import { Icon } from '../widgets/icon.js';
import { LabelMark } from '../widgets/label-mark.js';
import { CategoryField } from './category-field.js';
import { NoteField } from './note-field.js';
import { keyOf, withKey } from '../page-keys.js';

/** The auditor's judgement of the selected completion. */
export function JudgementBar({ id }: { id: number }) {
  const { state, commands } = usePage();
  const judgement = state.judgements.judgementOf(id);
  return (
    <footer class="judgement" aria-label="Judgement">
      <Others id={id} />
      <div class="judgement-row">
        <div class="labels" role="group" aria-label="Label">
          {FINDING_LABELS.map((label) => (
            <button
              key={label}
              class={`label-button ${label}`}
              aria-pressed={judgement.label === label}
              aria-keyshortcuts={keyOf(label) ?? undefined}
              title={`${withKey(LABEL_STATE_NAMES[label], label)}; again takes it back. With Shift the selection stays.`}
              onClick={(event) => commands.label(label, event.shiftKey)}
            >
              <LabelMark label={label} decorative />
              <span class="label-name">{LABEL_STATE_NAMES[label]}</span>
              <Key command={label} />
            </button>
          ))}
        </div>
        <Checkbox
          checked={state.settings.value.advance}
          title={withKey('After labelling, go on to the next completion', 'thenNext')}
          onChange={() => commands.toggle('advance')}
        >
          Then next
        </Checkbox>
        <SaveNotice />
      </div>
      <div class="judgement-row">
        <CategoryField key={`category ${id}`} id={id} />
        <NoteField key={`note ${id}`} id={id} />
      </div>
    </footer>
  );
}

/** What other authors said of the completion as a whole; not in the blind. */
function Others({ id }: { id: number }) {
  const { state } = usePage();
  if (state.blind.value) return null;
  const judgements = state.evidence.judgements.value.get(id);
  const other = state.judgements.otherOf(id);
  const disagree = state.evidence.disagreements.value.has(id);
  if (judgements && judgements.length > 1) {
    return (
      <p class={`others ${disagree ? 'disagree' : ''}`} tabIndex={0}>
        <Icon name={disagree ? 'git-compare' : 'organization'} /> {disagree ? 'Authors disagree' : 'Authors agree'}:{' '}
        {judgements.map(({ author, label }) => `${visibleLine(author)}: ${LABEL_STATE_NAMES[label].toLowerCase()}`).join(', ')}
      </p>
    );
  }
  if (!other) return null;
  return (
    <p class="others" tabIndex={0}>
      <Icon name="person" /> {visibleLine(other.author)}: {LABEL_STATE_NAMES[other.label].toLowerCase()}
      {other.category !== null && `, ${visibleLine(other.category)}`}
      {other.note !== '' && `, “${visibleLine(other.note)}”`}. Your own label stands beside it.
    </p>
  );
}

/** What became of the last change, which after going on to the next is another completion's. */
function SaveNotice() {
  const { state, commands } = usePage();
  const notice = commands.notice.value;
  if (notice !== null)
    return (
      <span class="save-notice" title={notice}>
        {notice}
      </span>
    );
  const last = state.judgements.lastSave.value;
  if (!last) return <span class="save-notice" />;
  const name = state.nameOf.value(last.completionId);
  const what = last.judgement.label === null ? 'label taken back' : LABEL_STATE_NAMES[last.judgement.label].toLowerCase();
  if (last.state === 'failed') {
    return (
      <span class="save-notice failed" role="alert">
        <Icon name="error" /> {name} is not saved: {last.reason}{' '}
        <button class="link-button" onClick={() => void state.judgements.set(last.completionId, last.judgement)}>
          Try again
        </button>
      </span>
    );
  }
  return (
    <span class="save-notice">
      <Icon name={last.state === 'saving' ? 'sync' : 'check'} /> {name}: {what}
      {last.state === 'saving' ? ', saving…' : ', saved'}
      <button class="link-button" onClick={() => void commands.undo()}>
        Undo <Key command="undo" />
      </button>
      {last.judgement.label !== null && last.completionId !== state.selectedId.value && (
        <button class="link-button" title={withKey(`Note on ${name}`, 'noteOfLabelled')} onClick={() => commands.noteOfLabelled()}>
          Note <Key command="noteOfLabelled" />
        </button>
      )}
    </span>
  );
}

/** The key of a button, where it has one. */
function Key({ command }: { command: PageCommandName }) {
  const key = keyOf(command);
  return key === null ? null : <kbd>{key}</kbd>;
}
