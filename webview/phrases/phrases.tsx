import { useState } from 'preact/hooks';
import type { Phrase } from '../../src/analysis/phrases.js';
import { formatGap } from '../text/numbers.js';
import { countOf, formatCount } from '../../src/text/numbers.js';
import { VisibleText } from '../text/visible-text-view.js';
import { usePage } from '../widgets/context.js';

function phraseElementId(index: number): string {
  return `phrase-${index}`;
}

/** What recurs where F is much less surprised than R: one tab stop, arrow keys within; Enter searches for the phrase. */
export function Phrases() {
  const { state, commands } = usePage();
  const answer = state.phrases.answer.value;
  const error = state.phrases.error.value;
  const phrases = answer?.phrases ?? [];
  // By its text, so that a fresh answer does not move who is reading.
  const [active, setActive] = useState('');
  const { query, regex } = state.filter.value;
  const isSearched = (phrase: Phrase) => !regex && query !== '' && phrase.text.toLowerCase() === query.toLowerCase();
  const most = Math.max(1, ...phrases.map((phrase) => phrase.documentFrequency));
  const activeIndex = phrases.length === 0 ? -1 : Math.max(0, phrases.findIndex(({ text }) => text === active));

  const choose = (index: number) => {
    const phrase = phrases[index];
    if (!phrase) return;
    setActive(phrase.text);
    state.changeFilter({ query: isSearched(phrase) ? '' : phrase.text, regex: false });
  };
  const go = (index: number) => {
    const to = Math.min(phrases.length - 1, Math.max(0, index));
    setActive(phrases[to]?.text ?? '');
    document.getElementById(phraseElementId(to))?.scrollIntoView({ block: 'nearest' });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const moves: Record<string, () => void> = {
      ArrowDown: () => go(activeIndex + 1),
      ArrowUp: () => go(activeIndex - 1),
      j: () => go(activeIndex + 1),
      k: () => go(activeIndex - 1),
      Home: () => go(0),
      End: () => go(phrases.length - 1),
      Enter: () => choose(activeIndex),
      ' ': () => choose(activeIndex),
      Escape: () => commands.list?.focus(),
    };
    if (event.ctrlKey || event.metaKey || event.altKey || !Object.hasOwn(moves, event.key)) return;
    moves[event.key]!();
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <section class="phrases" id="phrases" aria-label="Phrases">
      <div
        id="phrase-list"
        class="phrase-list"
        role="listbox"
        aria-label={`${countOf(phrases.length, 'phrase')} that recur`}
        aria-busy={state.phrases.asking.value}
        tabIndex={0}
        onKeyDown={onKeyDown}
        {...(activeIndex >= 0 ? { 'aria-activedescendant': phraseElementId(activeIndex) } : {})}
      >
        {phrases.map((phrase, index) => (
          <div
            key={phrase.text}
            id={phraseElementId(index)}
            class={`phrase ${index === activeIndex ? 'active' : ''} ${isSearched(phrase) ? 'searched' : ''}`}
            role="option"
            aria-selected={isSearched(phrase)}
            title="Search for it; again shows all"
            onClick={() => choose(index)}
          >
            <span class="phrase-text">
              <VisibleText text={phrase.text} breaks={false} />
            </span>
            <span class="phrase-bar" aria-hidden="true">
              <span style={{ width: `${(phrase.documentFrequency / most) * 100}%` }} />
            </span>
            <span class="phrase-count">
              <span class="visually-hidden">, completions: </span>
              {formatCount(phrase.documentFrequency)}
            </span>
            <span class="phrase-gap">
              <span class="visually-hidden">, mean gap in nats: </span>
              {formatGap(phrase.meanGap, 1)}
            </span>
          </div>
        ))}
      </div>
      <p class="phrase-summary dim">
        {error === null ? (
          describe(phrases.length, answer?.completionCount ?? null)
        ) : (
          <span role="alert">
            No phrases: {error}{' '}
            <button class="link-button" onClick={() => state.phrases.retry()}>
              Try again
            </button>
          </span>
        )}
      </p>
    </section>
  );
}

function describe(phrases: number, completions: number | null): string {
  if (completions === null) return 'Looking for phrases…';
  if (phrases === 0) return `No phrase with a high gap recurs in ${countOf(completions, 'completion')} yet.`;
  return `Number of completions (of ${formatCount(completions)}) · mean gap in nats`;
}
