import type { AuditOpenedParams } from '../../src/messages/page.js';
import { visibleLine } from '../../src/audit/visible-text.js';
import { usePage } from '../widgets/context.js';
import { Icon } from '../widgets/icon.js';

/** The plan, and what a reader must know to trust or distrust the ranking. */
export function About({ audit }: { audit: AuditOpenedParams }) {
  const { state } = usePage();
  return (
    <div id="about" class="about">
      {audit.remarks.length > 0 && (
        <ul class="remarks">
          {audit.remarks.map((remark) => (
            <li key={remark}>
              <Icon name="warning" /> {visibleLine(remark)}
            </li>
          ))}
        </ul>
      )}
      <dl class="facts">
        <Fact name="Tokenizers" value={audit.sameTokenizer ? 'the same for both models: R is given F’s tokens' : 'different: compared by segments of text'} />
        {audit.planFacts.map(({ name, value }) => (
          <Fact key={name} name={name} value={value} />
        ))}
      </dl>
      <div class="about-actions">
        <vscode-button appearance="secondary" onClick={() => state.host.act('openPlan')}>
          Open plan
        </vscode-button>
        <vscode-button appearance="secondary" onClick={() => state.host.act('revealFolder')}>
          Show folder
        </vscode-button>
      </div>
    </div>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{visibleLine(name)}</dt>
      <dd>{visibleLine(value)}</dd>
    </div>
  );
}
