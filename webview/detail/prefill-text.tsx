import { continuesPrefill } from '../../src/audit/framing.js';
import { hasSeam } from '../../src/audit/seam.js';
import type { CompletionSummary } from '../../src/messages/page.js';
import type { TextMark } from '../text/marks.js';
import { CutText } from './boundaries.js';
import { twoTextsOf } from '../text/two-texts.js';

interface PrefillTextProps {
  readonly completion: CompletionSummary;
  readonly marks?: readonly TextMark[];
  /** Where tokens of the reference begin, in the prefill's text. */
  readonly cuts?: readonly number[];
}

export function seamClass(completion: CompletionSummary): string {
  return hasSeam(twoTextsOf(completion)) ? 'seam' : '';
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
