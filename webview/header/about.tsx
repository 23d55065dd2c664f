import { isIdentified } from '../../src/audit/imported.js';
import type { AuditOpenedParams } from '../../src/messages/page.js';
import { countOf } from '../../src/text/numbers.js';
import { visibleLine } from '../../src/text/visible-text.js';
import { usePage } from '../widgets/context.js';
import { Icon } from '../widgets/icon.js';
import { Popover } from '../widgets/popover.js';
import { ModelFacts } from './model-facts.js';
import { describeFound } from '../state/passes.js';
import { remarksOf } from './remarks.js';

/** The plan, the models, and what a reader must know to trust or distrust the ranking. */
export function About({ audit }: { audit: AuditOpenedParams }) {
  const { state, commands } = usePage();
  const close = () => {
    if (commands.openPanel.peek() === 'about') commands.openPanel.value = null;
  };
  const remarks = remarksOf(state, audit);
  return (
    <Popover id="about" label="About this audit" anchor="about-button" open={commands.openPanel.value === 'about'} onClose={close}>
      <div class="about-head">
        <h2>About this audit</h2>
        <button class="icon-button" aria-label="Close" title="Close (Escape)" data-autofocus onClick={close}>
          <Icon name="close" />
        </button>
      </div>
      {remarks.length > 0 && (
        <ul class="remarks">
          {remarks.map((remark) => (
            <li key={remark}>
              <Icon name="warning" /> {visibleLine(remark)}
            </li>
          ))}
        </ul>
      )}
      <dl class="facts">
        {audit.finetuned && isIdentified(audit.finetuned) && <Fact name="Tokenizers" value={describeTokenizers(audit)} />}
        {(state.passes.value?.amplification ?? []).map((found) => (
          <Fact
            key={`amplified ${found.framing}`}
            name={`Amplified writing, ${found.framing}`}
            value={`${describeFound(found).sentence}. ${describeFound(found).rungs}`}
          />
        ))}
        {audit.planFacts.map(({ name, value }) => (
          <Fact key={name} name={name} value={value} />
        ))}
      </dl>
      <ModelFacts role="Finetuned model (F)" model={audit.finetuned} />
      <ModelFacts role="Reference model (R)" model={audit.reference} />
      {audit.noiseModel !== undefined && <ModelFacts role="Noise floor’s model" model={audit.noiseModel} />}
      <div class="about-actions">
        {!state.imported.value && (
          <vscode-button appearance="secondary" onClick={() => void state.host.act({ action: 'openPlan' })}>
            Open plan
          </vscode-button>
        )}
        <vscode-button appearance="secondary" onClick={() => void state.host.act({ action: 'revealFolder' })}>
          Show folder
        </vscode-button>
      </div>
    </Popover>
  );
}

function describeTokenizers({ sameTokenizer, unlikeIds = 0 }: AuditOpenedParams): string {
  if (!sameTokenizer) return 'different: compared by segments of text';
  if (unlikeIds === 0) return 'the same for both models: R is given F’s tokens';
  return `the same but for ${countOf(unlikeIds, 'token id')}: R is given F’s tokens, and text with one of these is compared by segments`;
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{visibleLine(name)}</dt>
      <dd>{visibleLine(value)}</dd>
    </div>
  );
}
