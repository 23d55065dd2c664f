import { useState } from 'preact/hooks';
import { describeElsewhere, explainNoThemes } from '../../src/analysis/themes/describe.js';
import type { AuditOverview } from '../../src/analysis/audit-analysis.js';
import type { Theme } from '../../src/analysis/themes/theme.js';
import { RESAMPLES } from '../../src/analysis/themes/theme.js';
import { countOf, formatCount } from '../../src/text/numbers.js';
import { visibleLine } from '../../src/text/visible-text.js';
import { formatGap } from '../text/numbers.js';
import { VisibleText } from '../text/visible-text-view.js';
import { announce } from '../widgets/announcer.js';
import { usePage } from '../widgets/context.js';

function themeElementId(index: number): string {
  return `theme-${index}`;
}

/** What recurs where F is much less surprised than R: one tab stop, arrow keys within; Enter shows a theme's completions. */
export function Themes() {
  const { state, commands } = usePage();
  const answer = state.overview.answer.value;
  const error = state.overview.error.value;
  const dismissed = new Set(state.settings.value.dismissedThemes);
  const themes = (answer?.themes ?? []).filter(({ phrase }) => !dismissed.has(phrase));
  const putAside = (answer?.themes.length ?? 0) - themes.length;
  // By its text, so that a fresh answer does not move who is reading.
  const [active, setActive] = useState('');
  const isShown = (theme: Theme) => state.filter.value.theme === theme.phrase;
  const most = Math.max(1, ...themes.map(({ prefills }) => prefills));
  const activeIndex =
    themes.length === 0
      ? -1
      : Math.max(
          0,
          themes.findIndex(({ phrase }) => phrase === active),
        );

  const choose = (index: number) => {
    const theme = themes[index];
    if (!theme) return;
    setActive(theme.phrase);
    state.toggleTheme(theme.phrase);
  };
  const go = (index: number) => {
    const to = Math.min(themes.length - 1, Math.max(0, index));
    setActive(themes[to]?.phrase ?? '');
    document.getElementById(themeElementId(to))?.scrollIntoView({ block: 'nearest' });
  };
  const dismiss = (index: number) => {
    const theme = themes[index];
    if (!theme) return;
    setActive(themes[index + 1]?.phrase ?? themes[index - 1]?.phrase ?? '');
    state.dismissTheme(theme.phrase);
    announce(`${visibleLine(theme.phrase)} put aside`);
  };
  const makeKeywords = (index: number) => {
    const theme = themes[index];
    if (!theme) return;
    state.keywords.add(theme.phrase);
    announce(`${visibleLine(theme.phrase)} is a keyword set now`);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const moves: Record<string, () => void> = {
      ArrowDown: () => go(activeIndex + 1),
      ArrowUp: () => go(activeIndex - 1),
      j: () => go(activeIndex + 1),
      k: () => go(activeIndex - 1),
      Home: () => go(0),
      End: () => go(themes.length - 1),
      Enter: () => choose(activeIndex),
      ' ': () => choose(activeIndex),
      Delete: () => dismiss(activeIndex),
      '+': () => makeKeywords(activeIndex),
      Escape: () => commands.list?.focus(),
    };
    if (event.ctrlKey || event.metaKey || event.altKey || !Object.hasOwn(moves, event.key)) return;
    moves[event.key]!();
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <section class="themes" id="themes" aria-label="Themes">
      <div
        id="theme-list"
        class="theme-list"
        role="listbox"
        aria-label={`${countOf(themes.length, 'theme')} that ${themes.length === 1 ? 'recurs' : 'recur'}. Enter shows its completions, + makes a keyword set of it, Delete puts it aside.`}
        aria-busy={state.overview.asking.value}
        tabIndex={0}
        data-autofocus
        onKeyDown={onKeyDown}
        {...(activeIndex >= 0 ? { 'aria-activedescendant': themeElementId(activeIndex) } : {})}
      >
        {themes.map((theme, index) => (
          <div
            key={theme.phrase}
            id={themeElementId(index)}
            class={`theme ${index === activeIndex ? 'active' : ''} ${isShown(theme) ? 'searched' : ''}`}
            role="option"
            aria-selected={isShown(theme)}
            title={describeTheme(theme)}
            onClick={() => choose(index)}
          >
            <span class="theme-text">
              <VisibleText text={theme.phrase} breaks={false} />
            </span>
            <span class="theme-bar" aria-hidden="true">
              <span style={{ width: `${(theme.prefills / most) * 100}%` }} />
            </span>
            <span class="theme-count">
              <span class="visually-hidden">, distinct openings: </span>
              {formatCount(theme.prefills)}
            </span>
            <span class="theme-gap">
              <span class="visually-hidden">, evidence: </span>
              {formatGap(theme.score, 0)}
            </span>
          </div>
        ))}
      </div>
      <p class="theme-summary dim">
        {error === null ? (
          <>
            {describe(themes.length, answer, state.completions.value[0]?.hasTokens !== false)}
            {putAside > 0 && (
              <>
                {' · '}
                <button class="link-button" onClick={() => state.change({ dismissedThemes: [] })}>
                  {countOf(putAside, 'theme')} put aside – show
                </button>
              </>
            )}
          </>
        ) : (
          <span role="alert">
            No themes: {error}{' '}
            <button class="link-button" onClick={() => state.overview.retry()}>
              Try again
            </button>
          </span>
        )}
      </p>
    </section>
  );
}

/** For the pointer: its sentence, and what it rests on. */
export function describeTheme({ example, completions, prefills, stability, ...elsewhere }: Theme): string {
  const sentence = visibleLine(`${example.before}${example.phrase}${example.after}`.trim());
  return `“…${sentence}…”\n${countOf(completions, 'completion')} after ${countOf(prefills, 'distinct opening')}; among the first ten in ${stability} of ${RESAMPLES} resamples of the openings${describeElsewhere(
    elsewhere,
  )
    .map((line) => `;\n${visibleLine(line)}`)
    .join('')}.\nClick: show its completions; again shows all. + makes a keyword set of it, Delete puts it aside.`;
}

function describe(themes: number, answer: AuditOverview | null, hasTokens: boolean): string {
  if (answer === null) return 'Looking for themes…';
  if (themes === 0) return explainNoThemes(answer.completionCount, hasTokens);
  return `Distinct openings (of ${formatCount(answer.openingCount)}) · ${hasTokens ? 'nats of evidence' : 'evidence: difference × surprise'}`;
}
