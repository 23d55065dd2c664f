import { LONGEST_CATEGORY } from '../../src/messages/limits.js';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { usePage } from '../widgets/context.js';
import { Dropdown } from '../widgets/dropdown.js';
import { Icon } from '../widgets/icon.js';
import { withKey } from '../page-keys.js';

const NONE = '';
/** No category can be called this: control characters are not typed. */
const OWN = '\u0000own';
/** The closed control changes with every arrow key: only where it rests this long (milliseconds) is chosen. */
const REST = 450;

/** One of the audit's categories, one used before, or one of the auditor's own. */
export function CategoryField({ id }: { id: number }) {
  const { state, commands } = usePage();
  const judgement = state.judgements.judgementOf(id);
  const [naming, setNaming] = useState(false);
  const field = useRef<HTMLElement>(null);
  const offered = state.audit.value?.categories ?? [];
  const used = state.judgements.inForce.value;
  const options = useMemo(() => {
    const own = new Set([...used.values()].flatMap(({ category }) => (category === null ? [] : [category])));
    if (judgement.category !== null) own.add(judgement.category);
    for (const category of offered) own.delete(category);
    return [
      { value: NONE, text: 'No category' },
      ...[...offered, ...[...own].sort()].map((category) => ({ value: category, text: category })),
      { value: OWN, text: 'Another…' },
    ];
  }, [offered, used, judgement.category]);

  const resting = useRef<{ readonly timer: ReturnType<typeof setTimeout>; readonly names: boolean; readonly apply: () => void } | null>(null);

  const save = (category: string | null) => void state.judgements.set(id, { ...state.judgements.judgementOf(id), category });
  const choose = (value: string) => {
    const apply = () => {
      resting.current = null;
      if (value !== OWN) save(value === NONE ? null : value);
      else setNaming(true);
    };
    clearTimeout(resting.current?.timer);
    resting.current = { timer: setTimeout(apply, REST), names: value === OWN, apply };
  };
  useEffect(
    () => () => {
      clearTimeout(resting.current?.timer);
      resting.current?.apply();
    },
    [],
  );
  const finish = (value: string) => {
    const category = value.trim();
    setNaming(false);
    if (category !== '') save(category);
  };

  if (naming) {
    return (
      <div class="category">
        <vscode-text-field
          ref={(element: HTMLElement | null) => {
            if (element && field.current !== element) queueMicrotask(() => element.focus());
            field.current = element;
          }}
          aria-label="Another category"
          placeholder="Another category"
          maxlength={LONGEST_CATEGORY}
          onKeyDown={(event) => {
            event.stopPropagation();
            if (event.key === 'Enter') {
              finish((event.currentTarget as unknown as HTMLInputElement).value);
              commands.list?.focus();
            } else if (event.key === 'Escape') {
              setNaming(false);
              commands.list?.focus();
            }
          }}
          onBlur={(event) => finish((event.currentTarget as unknown as HTMLInputElement).value)}
        />
        <button class="icon-button" aria-label="No other category" title="Back to the list" onMouseDown={() => setNaming(false)}>
          <Icon name="close" />
        </button>
      </div>
    );
  }
  return (
    <div class="category">
      <Dropdown
        id="category"
        label="Category"
        title={withKey('Category', 'category')}
        position="above"
        value={judgement.category ?? NONE}
        options={options}
        onChange={choose}
        onDone={() => {
          const chosen = resting.current;
          clearTimeout(chosen?.timer);
          chosen?.apply();
          if (!chosen?.names) commands.list?.focus();
        }}
      />
    </div>
  );
}
