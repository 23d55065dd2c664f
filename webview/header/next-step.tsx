import type { Verdict } from '../../src/analysis/verdict/verdict.js';
import { withKey } from '../page-keys.js';
import { usePage } from '../widgets/context.js';

/** As many of the best as a reader judges before anything can be concluded. */
const FIRST = 20;
const AMPLIFIED = 'amplified';

/** What to do now, as a button; absent while the audit runs. */
export function NextStep({ verdict }: { verdict: Verdict }) {
  const { state, commands } = usePage();
  if (state.running.value || !state.isMainPass.value) return null;
  const best = state.list.value.slice(0, FIRST);
  // Filters that leave nothing say nothing of what is done.
  if (best.length === 0) return null;
  const labels = state.judgements.inForce.value;
  const toLabel = best.filter(({ id }) => (labels.get(id)?.label ?? null) === null);
  const amplified = state.passes.value?.offers.some(({ name }) => name === AMPLIFIED) ?? false;
  if (verdict.state !== 'beyondNoise' && amplified && labels.size === 0) {
    return (
      <Step
        title={withKey('What the finetuned model writes when it is pushed further from the reference: leads, where its own words show nothing', 'pass')}
        onClick={() => void commands.showPass(AMPLIFIED)}
      >
        Look at amplified writing
      </Step>
    );
  }
  if (toLabel.length > 0) {
    const done = best.length - toLabel.length;
    return (
      <Step
        title="Goes to the first of the best twenty that has no label: 1, 2 and 3 label it and go on"
        onClick={() => {
          state.select(toLabel[0]!.id);
          commands.list?.focus();
        }}
      >
        {done === 0 ? `Label the first ${best.length}` : `Go on labelling: ${done} of ${best.length}`}
      </Step>
    );
  }
  if (state.conclusion.written.value.statement.trim() === '') {
    return (
      <Step title={withKey('Write down what the model was finetuned to do', 'conclusion')} onClick={() => commands.openPanelNamed('conclusion')}>
        Write the conclusion
      </Step>
    );
  }
  return (
    <Step title={withKey('Export a report: HTML, Markdown, CSV or JSON lines', 'exportReport')} onClick={() => commands.exportReport()}>
      Export the report
    </Step>
  );
}

function Step({ title, onClick, children }: { title: string; onClick: () => void; children: string }) {
  return (
    <button class="next-step" title={title} onClick={onClick}>
      {children}
    </button>
  );
}
