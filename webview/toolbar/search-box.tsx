import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { completeLine, type Completing } from '../../src/analysis/filter-line/complete-line.js';
import { visibleLine } from '../../src/text/visible-text.js';
import { countOf } from '../../src/text/numbers.js';
import { withKey } from '../page-keys.js';
import { namePassOption } from '../state/passes.js';
import { LONGEST_QUERY } from '../state/view-settings.js';
import { usePage } from '../widgets/context.js';
import { Icon } from '../widgets/icon.js';

/** Typing pauses this long before ten thousand completions are searched (milliseconds). */
const PAUSE = 150;

const NO_CHOICES: Completing = { from: 0, to: 0, choices: [] };

/** The filter line: arrow keys go through what it can go on with, Enter takes one, or else searches. */
export function SearchBox() {
  const { state, commands } = usePage();
  const { query, regex } = state.filter.value;
  const { error: problem } = state.search.value;
  const [typed, setTyped] = useState(query);
  const [completing, setCompleting] = useState(NO_CHOICES);
  const [active, setActive] = useState(-1);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const input = useRef<HTMLInputElement>(null);
  const caret = useRef<number | null>(null);
  useEffect(() => setTyped(query), [query]);
  // Before the next letter can be typed.
  useLayoutEffect(() => {
    if (caret.current !== null) input.current!.setSelectionRange(caret.current, caret.current);
    caret.current = null;
  }, [typed]);
  const overview = state.overview.answer.value;
  const passes = state.passes.value;
  const vocabulary = useMemo(
    () => ({
      themes: (overview?.themes ?? []).map(({ phrase, prefills }) => ({ value: phrase, explanation: countOf(prefills, 'distinct opening') })),
      passes: (passes?.offers ?? []).map(({ name }) => ({ value: name, explanation: namePassOption(name, passes) })),
    }),
    [overview, passes],
  );
  const { choices } = completing;
  const isOpen = choices.length > 0;
  // What is still being chosen is not wrong yet.
  const error = isOpen ? null : problem;

  const search = (text: string) => {
    clearTimeout(timer.current);
    if (text !== state.filter.peek().query) state.changeFilter({ query: text });
  };
  const offer = (text: string, place: number) => {
    setActive(-1);
    setCompleting(regex ? NO_CHOICES : completeLine(text, place, vocabulary));
  };
  const close = () => {
    setActive(-1);
    setCompleting(NO_CHOICES);
  };
  const type = (text: string, place: number) => {
    setTyped(text);
    offer(text, place);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => search(text), PAUSE);
  };
  const take = (index: number) => {
    const { from, to } = completing;
    const { text } = choices[index]!;
    caret.current = from + text.length;
    type(typed.slice(0, from) + text + typed.slice(to), caret.current);
    input.current!.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (isOpen && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) {
      event.preventDefault();
      const step = event.key === 'ArrowDown' ? 1 : -1;
      // One place is the line itself.
      setActive(((active + 1 + step + choices.length + 1) % (choices.length + 1)) - 1);
      return;
    }
    if (event.key !== 'Enter' && event.key !== 'Escape') return;
    event.stopPropagation();
    if (event.key === 'Enter' && isOpen && active >= 0) return take(active);
    if (event.key === 'Escape' && isOpen) return close();
    close();
    if (event.key === 'Escape') setTyped('');
    search(event.key === 'Escape' ? '' : typed);
    if (event.key === 'Enter' && state.selectedIndex.peek() < 0) commands.move(1);
    commands.list?.focus();
  };

  return (
    <span class={`search ${error ? 'invalid' : ''}`}>
      <span class="codicon codicon-search" aria-hidden="true" />
      <input
        ref={input}
        id="search"
        class="search-field"
        type="text"
        role="combobox"
        autocomplete="off"
        spellcheck={false}
        maxLength={LONGEST_QUERY}
        placeholder={withKey('Search or filter', 'search')}
        aria-label={regex ? 'Search by regular expression' : 'Search or filter'}
        aria-autocomplete="list"
        aria-expanded={isOpen}
        aria-invalid={error !== null}
        {...(isOpen && { 'aria-controls': 'line-choices' })}
        {...(active >= 0 && { 'aria-activedescendant': choiceId(active) })}
        {...(error !== null && { 'aria-describedby': 'search-error' })}
        title={error === null ? 'Text, or conditions: label:none framing:chat theme:"…" text:"…" gap>2. ? says more.' : visibleLine(error)}
        value={typed}
        onInput={({ currentTarget }) => {
          caret.current = null;
          type(currentTarget.value, currentTarget.selectionStart ?? currentTarget.value.length);
        }}
        onKeyDown={onKeyDown}
        onBlur={close}
      />
      <button
        class={`icon-button ${regex ? 'on' : ''}`}
        aria-pressed={regex}
        aria-label="Regular expression"
        title="Regular expression: the whole line is one"
        onClick={() => state.changeFilter({ regex: !regex })}
      >
        <Icon name="regex" />
      </button>
      {isOpen && (
        <div id="line-choices" class="line-choices" role="listbox" aria-label="What the line can go on with">
          {choices.map(({ text, explanation }, index) => (
            <div
              key={text}
              id={choiceId(index)}
              class={`line-choice ${index === active ? 'active' : ''}`}
              role="option"
              aria-selected={index === active}
              onMouseDown={(event) => {
                // The line keeps the focus.
                event.preventDefault();
                take(index);
              }}
            >
              <span class="line-choice-text">{visibleLine(text.trim())}</span> <span class="dim">{visibleLine(explanation)}</span>
            </div>
          ))}
        </div>
      )}
    </span>
  );
}

function choiceId(index: number): string {
  return `line-choice-${index}`;
}
