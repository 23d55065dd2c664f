import { usePage } from './context.js';
import type { PassMark } from '../state/passes.js';

/** The word at text that the finetuned model did not write by itself. */
export function PassFlag({ mark }: { mark: PassMark }) {
  return (
    <span class={`flag pass ${mark.writer}`} title={mark.warning}>
      {mark.word}
    </span>
  );
}

/** The same for whatever is shown now. */
export function ShownPassFlag() {
  const mark = usePage().state.passMark.value;
  return mark && <PassFlag mark={mark} />;
}
