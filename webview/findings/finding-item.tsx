import type { Reply, Signature } from '../../src/analysis/finding.js';
import { visibleLine } from '../../src/text/visible-text.js';
import type { PlacedSpan } from '../../src/messages/evidence.js';
import { LABEL_STATE_NAMES } from '../state/names.js';
import { formatTime } from '../text/numbers.js';
import { Note } from '../text/note-view.js';
import { usePage } from '../widgets/context.js';
import { Icon } from '../widgets/icon.js';
import { LabelMark } from '../widgets/label-mark.js';
import { ReplyForm } from './reply-form.js';
import { withKey } from '../page-keys.js';

/** One finding with what was answered, and what can be done about it. */
export function FindingItem({ number, span }: { number: number; span: PlacedSpan }) {
  const { commands } = usePage();
  const { findings } = commands;
  const resolved = span.state === 'resolved';
  const replying = findings.replying.value === span.finding;
  const said = [span.label ? LABEL_STATE_NAMES[span.label] : null, span.category].filter((word) => word !== null).join(', ');
  return (
    <li
      class={`finding-item ${resolved ? 'resolved' : ''}`}
      data-finding={span.finding}
      tabIndex={-1}
      aria-label={`Finding ${number}${said === '' ? '' : `, ${visibleLine(said)}`}, by ${visibleLine(span.author)}${resolved ? ', resolved' : ''}`}
    >
      <div class="finding-head">
        <span class={`finding-badge ${resolved ? 'resolved' : ''}`} aria-hidden="true">
          {number}
        </span>
        <q class="finding-quote">{visibleLine(span.quote.trim())}</q>
        {span.label && <LabelMark label={span.label} />}
        {span.category !== null && <span class="flag category-flag">{visibleLine(span.category)}</span>}
        {resolved && <span class="flag">resolved</span>}
        {span.place === null && (
          <span class="flag" title="The audit no longer has this place">
            not in the text
          </span>
        )}
      </div>
      {span.note !== '' && <Note text={span.note} />}
      {span.replies.length > 0 && (
        <ul class="replies" aria-label="Replies">
          {span.replies.map((reply) => (
            <ReplyItem key={reply.reply} reply={reply} />
          ))}
        </ul>
      )}
      {replying && <ReplyForm label="Reply" onSave={(note) => findings.reply(span, note)} onClose={() => (findings.replying.value = null)} />}
      <div class="finding-foot">
        <Signed by={span} />
        <span class="finding-actions" role="group" aria-label={`Finding ${number}`}>
          <button class="link-button" title={withKey('Reply', 'replyToFinding')} onClick={() => findings.beginReply(span)}>
            Reply
          </button>
          <button class="link-button" title={withKey('Edit', 'editFinding')} onClick={() => findings.edit(span)}>
            Edit
          </button>
          <button class="link-button" title={withKey(resolved ? 'Reopen' : 'Resolve', 'resolveFinding')} onClick={() => findings.toggleResolved(span)}>
            {resolved ? 'Reopen' : 'Resolve'}
          </button>
          <button class="link-button" title={withKey('Delete', 'deleteFinding')} onClick={() => void findings.setState(span, 'deleted')}>
            Delete
          </button>
        </span>
      </div>
    </li>
  );
}

function ReplyItem({ reply }: { reply: Reply }) {
  const { commands } = usePage();
  const { findings } = commands;
  if (findings.replying.value === reply.reply) {
    return (
      <li>
        <ReplyForm
          label="Change the reply"
          text={reply.note}
          onSave={(note, begun) => findings.editReply(reply, begun, note)}
          onClose={() => (findings.replying.value = null)}
        />
      </li>
    );
  }
  return (
    <li class="reply">
      <Note text={reply.note} />
      <div class="finding-foot">
        <Signed by={reply} />
        <span class="finding-actions" role="group" aria-label="Reply">
          <button class="link-button" aria-label="Edit the reply" onClick={() => (findings.replying.value = reply.reply)}>
            Edit
          </button>
          <button class="link-button" aria-label="Delete the reply" onClick={() => void findings.deleteReply(reply.reply)}>
            Delete
          </button>
        </span>
      </div>
    </li>
  );
}

/** Who said it and when, and who changed it last. */
function Signed({ by: { author, time, changed } }: { by: Signature & { readonly changed: Signature | null } }) {
  const others = changed && changed.author !== author ? ` by ${visibleLine(changed.author)}` : '';
  return (
    <span class="signed dim">
      <Icon name="person" /> {visibleLine(author)} · <time dateTime={time}>{formatTime(time)}</time>
      {changed && <span title={formatTime(changed.time)}> · changed{others}</span>}
    </span>
  );
}
