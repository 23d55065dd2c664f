import { LONGEST_CATEGORY, LONGEST_NOTE } from '../../src/messages/limits.js';
import { useEffect, useId, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { FINDING_LABELS, type FindingLabel } from '../../src/analysis/finding.js';
import { visibleLine } from '../../src/text/visible-text.js';
import type { FindingForm } from '../finding-commands.js';
import { LABEL_STATE_NAMES } from '../state/names.js';
import { usePage } from '../widgets/context.js';
import { LabelMark } from '../widgets/label-mark.js';

/** A finding, as it is added or changed: over the page, near the text that it is about. */
export function FindingFormPopover() {
  const { commands } = usePage();
  const panel = useRef<HTMLDivElement>(null);
  const form = commands.findings.form.value;
  useLayoutEffect(() => {
    const element = panel.current!;
    if (!form) {
      if (element.matches(':popover-open')) element.hidePopover();
      return;
    }
    element.showPopover();
    placeAt(element, placeOf(form));
    element.querySelector<HTMLElement>('[data-autofocus]')?.focus();
  }, [form]);
  return (
    <div
      ref={panel}
      class="popover finding-form"
      popover="auto"
      role="dialog"
      aria-label={form && 'span' in form ? 'Change the finding' : 'Add a finding'}
      onToggle={(event) => {
        if ((event as unknown as ToggleEvent).newState === 'open') return;
        const closed = commands.findings.form.peek();
        commands.findings.closeForm();
        if (document.activeElement === document.body || panel.current?.contains(document.activeElement)) returnFocus(closed);
      }}
    >
      {form && <Fields key={'span' in form ? form.span.finding : 'new'} form={form} />}
    </div>
  );
}

function Fields({ form }: { form: FindingForm }) {
  const { state, commands } = usePage();
  const known = 'span' in form ? form.span : null;
  const [label, setLabel] = useState<FindingLabel | null>(known?.label ?? null);
  const [error, setError] = useState<string | null>(null);
  const category = useRef<HTMLInputElement>(null);
  const note = useRef<HTMLTextAreaElement>(null);
  const ids = { label: useId(), category: useId(), categories: useId(), note: useId() };
  const quote = known?.quote ?? quoteOf(form, state.selected.value);
  const save = async () => {
    const remark = { label, category: category.current!.value.trim() || null, note: note.current!.value.trim() };
    setError(await commands.findings.save(remark));
  };
  useEffect(() => setError(null), [form]);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
      onKeyDown={(event) => {
        if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
        event.preventDefault();
        event.stopPropagation();
        void save();
      }}
    >
      <blockquote class="form-quote">{visibleLine(quote)}</blockquote>
      <div class="form-labels" role="radiogroup" aria-label="Label">
        {([null, ...FINDING_LABELS] as const).map((choice) => (
          <label key={choice} class="form-label">
            <input type="radio" name={ids.label} checked={label === choice} onChange={() => setLabel(choice)} />
            {choice && <LabelMark label={choice} decorative />} {choice ? LABEL_STATE_NAMES[choice] : 'No label'}
          </label>
        ))}
      </div>
      <label class="form-field" for={ids.category}>
        Category
      </label>
      <input
        id={ids.category}
        ref={category}
        class="number-field"
        list={ids.categories}
        maxlength={LONGEST_CATEGORY}
        placeholder="One of the list, or your own"
        defaultValue={known?.category ?? ''}
      />
      <datalist id={ids.categories}>
        {(state.audit.value?.categories ?? []).map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <label class="form-field" for={ids.note}>
        Note <span class="dim">(Markdown: **bold**, *italic*, `code`)</span>
      </label>
      <textarea id={ids.note} ref={note} class="text-area" rows={4} maxlength={LONGEST_NOTE} data-autofocus defaultValue={known?.note ?? ''} />
      {error !== null && (
        <p class="field-error" role="alert">
          Not saved: {error}
        </p>
      )}
      <div class="popover-actions">
        <vscode-button appearance="secondary" onClick={() => commands.findings.closeForm()}>
          Cancel
        </vscode-button>
        <vscode-button title="Ctrl+Enter" onClick={() => void save()}>
          {known ? 'Save' : 'Add finding'}
        </vscode-button>
      </div>
    </form>
  );
}

function quoteOf(form: FindingForm, selected: { prefillText: string; text: string } | null): string {
  if ('span' in form) return form.span.quote;
  return selected ? (selected.prefillText + selected.text).slice(form.chosen.start, form.chosen.end) : '';
}

function placeOf(form: FindingForm): DOMRect | null {
  if ('chosen' in form) return form.chosen.place();
  return document.querySelector(`[data-finding="${CSS.escape(form.span.finding)}"]`)?.getBoundingClientRect() ?? null;
}

function placeAt(panel: HTMLElement, rect: DOMRect | null): void {
  const { width, height } = panel.getBoundingClientRect();
  const near = rect ?? new DOMRect(window.innerWidth / 2 - width / 2, window.innerHeight / 3, 0, 0);
  const below = near.bottom + 8;
  const top = below + height > window.innerHeight - 8 ? near.top - height - 8 : below;
  panel.style.left = `${Math.max(8, Math.min(near.left, window.innerWidth - width - 8))}px`;
  panel.style.top = `${Math.max(8, Math.min(top, window.innerHeight - height - 8))}px`;
}

/** Back to where the text was chosen, or to the finding that was changed. */
function returnFocus(form: FindingForm | null): void {
  if (form && 'span' in form) document.querySelector<HTMLElement>(`[data-finding="${CSS.escape(form.span.finding)}"]`)?.focus();
  else document.getElementById(form && 'chosen' in form && form.chosen.by === 'keys' ? 'token-list' : 'completions')?.focus();
}
