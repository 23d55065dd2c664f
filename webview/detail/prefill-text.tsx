import { continuesPrefill } from '../../src/audit/framing.js';
import type { CompletionSummary } from '../../src/messages/page.js';
import type { TextMark } from '../text/marks.js';
import { CutText } from './boundaries.js';

interface PrefillTextProps {
  readonly completion: CompletionSummary;
  readonly marks?: readonly TextMark[];
  /** Where tokens of the reference begin, in the prefill's text. */
  readonly cuts?: readonly number[];
}

/** Of an import whose prefill and completion meet without a space, as the file has them: where the one ends is shown, and nothing put between. */
export function seamClass({ hasTokens, framing, prefillText, text }: CompletionSummary): string {
  return hasTokens === false && continuesPrefill(framing) && /\S$/.test(prefillText) && /^\S/.test(text) ? 'seam' : '';
}

/** What the model was given: as the text's beginning, or apart from it where it was asked to continue it. */
export function PrefillText({ completion, marks = [], cuts = [] }: PrefillTextProps) {
  const text = <CutText text={completion.prefillText} marks={marks} cuts={cuts} offset={0} />;
  if (continuesPrefill(completion.framing)) {
    return (
      <span class={`token prefill ${seamClass(completion)}`} title="Prefill: given to the model, in no score">
        {text}
      </span>
    );
  }
  return (
    <p class="asked" title="Prefill: in the user’s turn, in no score">
      <span class="asked-label" data-units={0}>
        Asked to continue:{' '}
      </span>
      <span class="token prefill">{text}</span>
    </p>
  );
}
