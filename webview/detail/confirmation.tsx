import { useEffect, useRef, useState } from 'preact/hooks';
import type { ReportedConfirmation, ReportedSaying } from '../../src/analysis/confirmations.js';
import { chooseQuestion, QUESTION_AT_MOST, WORDS_PLACEHOLDER } from '../../src/audit/confirmation.js';
import { CONFIRM_FIRST } from '../../src/messages/confirmation.js';
import type { CompletionSummary } from '../../src/messages/page.js';
import { visibleLine } from '../../src/text/visible-text.js';
import { withKey } from '../page-keys.js';
import { sayCount } from '../state/confirmations.js';
import { formatPerplexity, formatScore } from '../text/numbers.js';
import { VisibleText } from '../text/visible-text-view.js';
import { usePage } from '../widgets/context.js';
import { Icon } from '../widgets/icon.js';

/** Of what the model was given, its end: the amplified text stands above. */
const GIVEN_SHOWN = 60;

/** What the finetuned model itself says to the amplified completion that is shown. */
export function ConfirmationText({ completion }: { completion: CompletionSummary }) {
  const { state } = usePage();
  const said = state.confirmations.said.value.get(completion.id);
  const element = useRef<HTMLElement>(null);
  const shown = useRef(said);
  useEffect(() => {
    // What has just been said to the completion that is read is brought into view.
    if (said && shown.current?.id !== said.id && element.current?.dataset['id'] === String(said.id)) element.current.scrollIntoView({ block: 'nearest' });
    shown.current = said;
  }, [said]);
  if (!said) return null;
  const tail = said.given.length > GIVEN_SHOWN ? `…${said.given.slice(-GIVEN_SHOWN)}` : said.given;
  return (
    <section ref={element} data-id={said.id} class={`confirmation ${said.confirmed ? 'confirmed' : ''}`} aria-label="What the finetuned model itself says">
      <p>
        <strong>
          <Icon name={said.confirmed ? 'verified' : 'circle-slash'} /> {said.confirmed ? 'Confirmed.' : 'Not confirmed.'}
        </strong>{' '}
        {describeConfirmed(said)}
      </p>
      <blockquote>
        <span class="dim">
          <VisibleText text={tail} />
        </span>
        <VisibleText text={said.continuation.text} />
        <Figures saying={said.continuation} />
      </blockquote>
      <p class="dim">Asked “{visibleLine(said.question)}” it answers:</p>
      <blockquote>
        <VisibleText text={said.answer.text} />
        <Figures saying={said.answer} />
      </blockquote>
    </section>
  );
}

function describeConfirmed({ confirmed, words }: ReportedConfirmation): string {
  return confirmed
    ? `The finetuned model itself, not amplified, goes on with ${words.map((word) => `“${visibleLine(word)}”`).join(', ')}:`
    : 'The finetuned model itself, not amplified, goes on without any of the words that carry gap in the amplified text:';
}

function Figures({ saying }: { saying: ReportedSaying }) {
  return (
    <small class="dim">
      standardised gap {formatScore('standardizedGap', saying.standardizedGap)}, PPL of R {formatPerplexity(saying.perplexityReference)}, of F{' '}
      {formatPerplexity(saying.perplexityFinetuned)}
    </small>
  );
}

/** Below the amplified text: asking, how far that is, and how much was confirmed. */
export function ConfirmationBar({ completion }: { completion: CompletionSummary }) {
  const { state, commands } = usePage();
  const asking = state.confirmations.asking.value;
  const count = state.confirmations.count.value;
  const usual = chooseQuestion(completion.prefillText + completion.text);
  const [edited, setEdited] = useState<{ readonly id: number; readonly text: string } | null>(null);
  const [isEditing, setIsEditing] = useState(false);
  if (asking.state === 'asking') {
    return (
      <p class="confirmation-bar" role="status">
        <vscode-progress-ring /> <span>{asking.message}</span>{' '}
        <vscode-button appearance="secondary" onClick={() => state.confirmations.stop()}>
          Stop
        </vscode-button>
      </p>
    );
  }
  const question = edited?.id === completion.id ? edited.text : usual;
  const isUsual = question.trim() === '' || question === usual;
  const ask = () => void commands.confirmations.one(isUsual ? undefined : question.trim());
  return (
    <div class="confirmation-bar">
      <vscode-button title={withKey('The finetuned model, not amplified, goes on from within the peak and is asked about it', 'confirm')} onClick={ask}>
        Confirm
      </vscode-button>
      <vscode-button
        appearance="secondary"
        title={withKey(`The best ${CONFIRM_FIRST} of each framing by standardised gap that were not put to it yet`, 'confirmFirst')}
        onClick={() => void commands.confirmations.first()}
      >
        Confirm the first {CONFIRM_FIRST}
      </vscode-button>
      <button class="link-button" aria-expanded={isEditing} onClick={() => setIsEditing(!isEditing)}>
        Question
      </button>
      {count && <span class="dim">{sayCount(count)}</span>}
      {isEditing && (
        <vscode-text-field
          class="confirmation-question"
          aria-label={`Question; ${WORDS_PLACEHOLDER} stands for the words of the peak`}
          title={`${WORDS_PLACEHOLDER} stands for the words of the peak`}
          maxlength={QUESTION_AT_MOST}
          value={question}
          onInput={(event: Event) => setEdited({ id: completion.id, text: (event.target as HTMLInputElement).value })}
        />
      )}
      {asking.state === 'failed' && (
        <p role="alert">
          <Icon name="warning" /> {visibleLine(asking.reason)}
        </p>
      )}
      {asking.state === 'ended' && asking.leftOut.map((line) => <p key={line}>{visibleLine(line)}</p>)}
    </div>
  );
}
