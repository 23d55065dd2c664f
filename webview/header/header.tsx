import type { AuditStatus, AuditState } from '../../src/messages/page.js';
import { countOf, formatCount, formatDuration, formatFixed } from '../text/numbers.js';
import { visibleLine } from '../../src/audit/visible-text.js';
import { usePage } from '../widgets/context.js';
import { Icon } from '../widgets/icon.js';
import { About } from './about.js';

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
  return (
    <header class="header">
      <div class="header-row">
        <h1>{visibleLine(audit.name)}</h1>
        <span class="models">
          <span class="model" title={audit.finetuned ? `Finetuned model: ${audit.finetuned.source}` : 'Finetuned model'}>
            <abbr class="role likes-f">F</abbr> {visibleLine(audit.finetuned?.name ?? '…')}
          </span>
          <span class="model" title={audit.reference ? `Reference model: ${audit.reference.source}` : 'Reference model'}>
            <abbr class="role likes-r">R</abbr> {visibleLine(audit.reference?.name ?? '…')}
          </span>
        </span>
        <Progress status={status} />
        <button
          id="about-button"
          class={`icon-button ${aboutOpen ? 'on' : ''}`}
          aria-haspopup="dialog"
          aria-expanded={aboutOpen}
          onClick={() => (commands.openPanel.value = commands.openPanel.peek() === 'about' ? null : 'about')}
        >
          <Icon name="info" /> About this audit
          {audit.remarks.length > 0 && (
            <span class="badge" title={countOf(audit.remarks.length, 'remark')}>
              {audit.remarks.length}
              <span class="visually-hidden"> remarks</span>
            </span>
          )}
        </button>
      </div>
      {status.state === 'failed' && state.completions.value.length > 0 && (
        <p class="failure" role="alert">
          <Icon name="error" /> <span class="failure-reason">{status.message}</span>
          {status.canResume && (
            <vscode-button title="Go on where the audit stopped" onClick={() => state.host.act('resume')}>
              Resume
            </vscode-button>
          )}
        </p>
      )}
      <About audit={audit} />
    </header>
  );
}

function Progress({ status }: { status: AuditStatus }) {
  const { state } = usePage();
  const { completionsDone: done, completionsTotal: total } = status;
  const running = state.running.value;
  const noise = status.measuringNoiseFloor === true;
  const share = total === 0 ? 0 : done / total;
  const facts = [
    `${formatCount(done)}${total > 0 && done !== total ? ` / ${formatCount(total)}` : ''} completions`,
    ...(running && status.tokensPerSecond !== null ? [`${formatFixed(status.tokensPerSecond, 0)} tokens/s`] : []),
    ...(running && status.secondsLeft !== null ? [`${formatDuration(status.secondsLeft)} left`] : []),
  ];
  return (
    <div class="progress">
      <span class={`state ${status.state}`} title={status.message}>
        {STATE_NAMES[status.state]}
      </span>
      {running && (
        <progress class="progress-bar" max={1} {...(status.state === 'running' && !noise ? { value: share } : {})} aria-label={noise ? 'Measuring the noise floor' : `${STATE_NAMES[status.state]}: ${Math.floor(share * 100)} %`} />
      )}
      <span class="progress-facts">{(status.state === 'loading' || noise) && status.message !== '' ? status.message : facts.join(' · ')}</span>
      {running && (
        <vscode-button appearance="secondary" title="Stop after what is in flight; what is done is kept" onClick={() => state.host.act('stop')}>
          Stop
        </vscode-button>
      )}
      {!running && status.canResume && status.state !== 'failed' && (
        <vscode-button title="Go on where the audit stopped" onClick={() => state.host.act('resume')}>
          Resume
        </vscode-button>
      )}
    </div>
  );
}
