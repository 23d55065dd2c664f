import { visibleLine } from '../../src/text/visible-text.js';
import { usePage } from '../widgets/context.js';
import { Icon } from '../widgets/icon.js';

/** A conclusion by a language model: asked for, checked, and taken or not. */
export function DraftView() {
  const { state } = usePage();
  const { conclusion } = state;
  const drafting = conclusion.drafting.value;
  const framing = state.framing.value;
  const ask = () => void conclusion.askForDraft({ score: state.score.peek(), framing: framing === 'all' ? null : framing });
  if (drafting.state === 'there') {
    const { statement, confidence, citations, draftedBy, problems } = drafting.draft;
    return (
      <div class="draft-view" role="group" aria-label="Draft">
        <p class="dim">
          {visibleLine(draftedBy)}, {confidence ?? 'no confidence given'}, cites{' '}
          {citations.length === 0 ? 'nothing' : citations.map((id) => `${state.nameOf.value(id)} (#${id})`).join(', ')}
        </p>
        <p class="draft-text">{visibleLine(statement)}</p>
        {problems.map((problem) => (
          <p key={problem} class="conclusion-problem">
            <Icon name="warning" /> {visibleLine(problem)}
          </p>
        ))}
        <span class="draft-actions">
          <vscode-button onClick={() => void conclusion.takeDraft()}>Use this draft</vscode-button>
          <vscode-button appearance="secondary" onClick={() => conclusion.dropDraft()}>
            Discard
          </vscode-button>
        </span>
      </div>
    );
  }
  const asking = drafting.state === 'asking';
  return (
    <div class="draft-ask">
      <vscode-button
        appearance="secondary"
        disabled={asking}
        title="From the completions that rank highest; it must cite them, and you decide whether it stands"
        onClick={ask}
      >
        {asking ? 'Drafting…' : 'Draft with a language model'}
      </vscode-button>
      {drafting.state === 'none' && (
        <span class="dim" role="status">
          {drafting.reason}
        </span>
      )}
    </div>
  );
}
