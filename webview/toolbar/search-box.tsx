import { useEffect, useRef, useState } from 'preact/hooks';
import { usePage } from '../widgets/context.js';
import { Icon } from '../widgets/icon.js';
import { withKey } from '../page-keys.js';

/** Typing pauses this long before ten thousand completions are searched (milliseconds). */
const PAUSE = 150;

export function SearchBox() {
  const { state, commands } = usePage();
  const { query, regex } = state.filter.value;
  const { error } = state.search.value;
  const [typed, setTyped] = useState(query);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => setTyped(query), [query]);

  const search = (text: string) => {
    clearTimeout(timer.current);
    if (text !== state.filter.peek().query) state.changeFilter({ query: text });
  };
  return (
    <span class={`search ${error ? 'invalid' : ''}`}>
      <vscode-text-field
        id="search"
        class="search-field"
        placeholder={withKey('Search', 'search')}
        aria-label={regex ? 'Search by regular expression' : 'Search'}
        aria-invalid={error !== null}
        title={error ?? undefined}
        value={typed}
        onInput={(event) => {
          const text = (event.currentTarget as unknown as HTMLInputElement).value;
          setTyped(text);
          clearTimeout(timer.current);
          timer.current = setTimeout(() => search(text), PAUSE);
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter' || event.key === 'Escape') {
            event.stopPropagation();
            if (event.key === 'Escape') setTyped('');
            search(event.key === 'Escape' ? '' : typed);
            if (event.key === 'Enter' && state.selectedIndex.peek() < 0) commands.move(1);
            commands.list?.focus();
          }
        }}
      >
        <span slot="start" class="codicon codicon-search" aria-hidden="true" />
        <button
          slot="end"
          class={`icon-button ${regex ? 'on' : ''}`}
          aria-pressed={regex}
          aria-label="Regular expression"
          title="Regular expression"
          onClick={() => state.changeFilter({ regex: !regex })}
        >
          <Icon name="regex" />
        </button>
      </vscode-text-field>
    </span>
  );
}
