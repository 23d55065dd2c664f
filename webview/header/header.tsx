import { isIdentified, type NamedModel } from '../../src/audit/imported.js';
import type { ModelIdentity } from '../../src/audit/language-model.js';
import { describePass } from '../../src/audit/passes.js';
import type { AuditStatus, AuditState } from '../../src/messages/page.js';
import { countOf } from '../../src/text/numbers.js';
import { countDone, describeProgress } from '../../src/text/progress.js';
import { visibleLine } from '../../src/text/visible-text.js';
import { usePage } from '../widgets/context.js';
import { Icon } from '../widgets/icon.js';
import { About } from './about.js';
import { serverOf } from './facts-of-model.js';
import { remarksOf } from './remarks.js';
import { SetAsidePopover, SetAsideChip } from './set-aside.js';
import { withKey } from '../page-keys.js';

const STATE_NAMES: Readonly<Record<AuditState, string>> = {
  queued: 'Queued',
  loading: 'Loading',
  running: 'Running',
  stopped: 'Stopped',
  finished: 'Finished',
  failed: 'Failed',
};

/** Which audit this is, and how far it is. */
export function Header() {
  const { state, commands } = usePage();
  const aboutOpen = commands.openPanel.value === 'about';
  const audit = state.audit.value;
  const status = state.status.value;
  if (!audit || !status) return null;
  const remarks = remarksOf(state, audit);
  return (
    <header class="header">
      <div class="header-row">
        <h1>{visibleLine(audit.name)}</h1>
        <span class="models">
          <Model side="f" letter="F" role="Finetuned model" model={audit.finetuned} />
          <Model side="r" letter="R" role="Reference model" model={audit.reference} />
        </span>
        <Progress status={status} />
        <SetAsideChip />
        <button
          id="about-button"
          class={`icon-button ${aboutOpen ? 'on' : ''}`}
          aria-haspopup="dialog"
          aria-expanded={aboutOpen}
          title={withKey('About this audit', 'about')}
          onClick={() => (commands.openPanel.value = commands.openPanel.peek() === 'about' ? null : 'about')}
        >
          <Icon name="info" /> About this audit
          {remarks.length > 0 && (
            <span class="badge" title={countOf(remarks.length, 'remark')}>
              {remarks.length}
              <span class="visually-hidden"> remarks</span>
            </span>
          )}
        </button>
        <button
          class="icon-button"
          title={withKey('Export a report: HTML, Markdown, CSV or JSON lines', 'exportReport')}
          onClick={() => commands.exportReport()}
        >
          <Icon name="export" /> Report
        </button>
      </div>
      {status.state === 'failed' && state.completions.value.length > 0 && (
        <p class="failure" role="alert">
          <Icon name="error" /> <span class="failure-reason">{visibleLine(status.message)}</span>
          {status.canResume && (
            <vscode-button title="Go on where the audit stopped" onClick={() => void state.host.act({ action: 'resume' })}>
              Resume
            </vscode-button>
          )}
        </p>
      )}
      <About audit={audit} />
      <SetAsidePopover />
    </header>
  );
}

interface ModelProps {
  readonly side: 'f' | 'r';
  readonly letter: string;
  readonly role: string;
  readonly model: ModelIdentity | NamedModel | null;
}

function Model({ side, letter, role, model }: ModelProps) {
  const server = model && serverOf(model);
  return (
    <span class="model" title={model && isIdentified(model) ? `${role}: ${visibleLine(model.source)}` : role}>
      <abbr class={`role likes-${side}`}>{letter}</abbr> {visibleLine(model?.name ?? '…')}
      {server && <span class="dim"> at {visibleLine(server)}</span>}
    </span>
  );
}

function Progress({ status }: { status: AuditStatus }) {
  const { state } = usePage();
  const { completionsDone: done, completionsTotal: total } = status;
  const running = state.running.value;
  const { pass } = status;
  const share = total === 0 ? 0 : done / total;
  return (
    <div class="progress">
      <span class={`state ${status.state}`} title={running ? describeProgress(status) : visibleLine(status.message)}>
        {STATE_NAMES[status.state]}
      </span>
      {running && (
        <progress
          class="progress-bar"
          max={1}
          {...(status.state === 'running' && pass === undefined ? { value: share } : {})}
          aria-label={pass !== undefined ? describePass(pass) : `${STATE_NAMES[status.state]}: ${Math.floor(share * 100)} %`}
        />
      )}
      <span class="progress-facts">{running ? describeProgress(status) : countDone({ completionsDone: done, completionsTotal: total })}</span>
      {running && (
        <vscode-button
          appearance="secondary"
          title="Stop after what is in flight; what is done is kept"
          onClick={() => void state.host.act({ action: 'stop' })}
        >
          Stop
        </vscode-button>
      )}
      {!running && status.canResume && status.state !== 'failed' && (
        <vscode-button
          title={status.state === 'finished' ? 'Try again what was set aside' : 'Go on where the audit stopped'}
          onClick={() => void state.host.act({ action: 'resume' })}
        >
          Resume
        </vscode-button>
      )}
    </div>
  );
}
