import { explainNoThemes } from '../../src/analysis/themes/describe.js';
import { useState } from 'preact/hooks';
import { RESAMPLES, type Theme } from '../../src/analysis/themes/theme.js';
import type { Verdict } from '../../src/analysis/verdict/verdict.js';
import { countOf, formatCount } from '../../src/text/numbers.js';
import { visibleLine } from '../../src/text/visible-text.js';
import { describeTheme } from '../themes/themes.js';
import { usePage } from '../widgets/context.js';
import { ShownPassFlag } from '../widgets/pass-flag.js';
import { describeFound, foundIn } from '../state/passes.js';
import { Icon } from '../widgets/icon.js';
import { NextStep } from './next-step.js';
import { sayCount } from '../state/confirmations.js';
import { sayKey, withKey } from '../page-keys.js';

/** As many as a row of some 700 pixels has room for. */
const SHOWN_THEMES = 5;
const LIST = new Intl.ListFormat('en-GB', { type: 'conjunction' });
const ICONS: Readonly<Record<Verdict['state'], string>> = { beyondNoise: 'pulse', withinNoise: 'circle-slash', undetermined: 'question' };
const NAMES: Readonly<Record<Verdict['state'], string>> = { beyondNoise: 'Beyond noise', withinNoise: 'Within noise', undetermined: 'Undetermined' };

/** The first screen's answer: the verdict, the first themes, what was looked at, and what is missing to be surer. */
export function AnswerStrip() {
  const { state, commands } = usePage();
  const answer = state.overview.answer.value;
  const error = state.overview.error.value;
  const [open, setOpen] = useState(false);
  if (!answer) {
    return (
      <section class="answer" aria-label="Answer">
        <p class="answer-verdict dim">{error === null ? 'Looking for what the completions have in common…' : `No answer: ${error}`}</p>
      </section>
    );
  }
  const { verdict, hidden, completionCount, openingCount } = answer;
  const dismissed = new Set(state.settings.value.dismissedThemes);
  const themes = answer.themes.filter(({ phrase }) => !dismissed.has(phrase));
  const [said, ...rest] = verdict.sentence.split(': ');
  const framings = state.audit.value?.framings ?? [];
  // The sentence of an undetermined verdict has the first of what is missing.
  const surer = verdict.missing.find((line) => !verdict.sentence.includes(line));
  return (
    <section class="answer" aria-label="Answer">
      {state.passMark.value ? (
        <PassAnswer />
      ) : (
        <div class="answer-head">
          <p class={`answer-verdict ${verdict.state} ${open ? 'open' : ''}`} title={open ? undefined : detailsOf(verdict)}>
            <strong>
              <Icon name={ICONS[verdict.state]} /> {said ?? NAMES[verdict.state]}
              {rest.length > 0 && ':'}
            </strong>{' '}
            <span>{rest.join(': ')}</span>
            {verdict.kind !== null && <span class="dim"> {verdict.kind.replace('What kind of difference: ', 'The difference: ')}</span>}
          </p>
          <NextStep verdict={verdict} />
          <button
            class="icon-button answer-more"
            aria-expanded={open}
            aria-label="All of the answer"
            title={open ? 'The answer in short' : 'All of the answer: what would make it surer, and what it cannot exclude'}
            onClick={() => setOpen(!open)}
          >
            <Icon name={open ? 'chevron-up' : 'chevron-down'} />
          </button>
        </div>
      )}
      <div class="answer-themes">
        {themes.length === 0 ? (
          <span class="dim">{explainNoThemes(completionCount, state.completions.value[0]?.hasTokens !== false)}</span>
        ) : (
          <>
            <button class="link-button answer-all" title={withKey('All themes, with their evidence', 'themes')} onClick={() => commands.togglePanel('themes')}>
              {countOf(themes.length, 'theme')}
            </button>
            <span class="answer-unit dim">by openings</span>
            {themes.slice(0, SHOWN_THEMES).map((theme) => (
              <ThemeChip key={theme.phrase} theme={theme} />
            ))}
          </>
        )}
      </div>
      {state.isMainPass.value ? (
        <p
          class="answer-looked dim"
          title={[...verdict.missing.map((line) => `Missing: ${line}`), ...verdict.cannotExclude.map((line) => `Not excluded: ${line}`)].join('\n')}
        >
          {countOf(completionCount, 'completion')} of {countOf(openingCount, 'opening')}, {LIST.format(framings)}
          {hidden.length > 0 && ` · ${countOf(hidden.length, 'hidden text')} decoded`}
          {surer !== undefined && !open && <> · To be surer: {visibleLine(surer)}</>}
          {verdict.cannotExclude.length > 0 && !open && <> · Not excluded: {visibleLine(verdict.cannotExclude[0]!)}</>}
        </p>
      ) : (
        <p class="answer-looked dim">
          {countOf(completionCount, 'completion')} of {countOf(openingCount, 'opening')} in this pass · the verdict, labels and figures are of the plain pass
        </p>
      )}
      {open && state.isMainPass.value && (
        <div class="answer-details">
          <Reasons title="To be surer" lines={verdict.missing} />
          <Reasons title="Not excluded" lines={verdict.cannotExclude} />
        </div>
      )}
    </section>
  );
}

function Reasons({ title, lines }: { title: string; lines: readonly string[] }) {
  if (lines.length === 0) return null;
  return (
    <section>
      <h3>{title}</h3>
      <ul>
        {lines.map((line) => (
          <li key={line}>{visibleLine(line)}</li>
        ))}
      </ul>
    </section>
  );
}

/** Of a pass that the finetuned model did not write by itself: who did, and of an amplified one how it compares with its control. */
function PassAnswer() {
  const { state } = usePage();
  const mark = state.passMark.value;
  const count = state.confirmations.count.value;
  const confirmed =
    mark?.writer === 'amplified' ? ` · ${count ? sayCount(count) : `not confirmed yet${sayKey('confirmFirst', 'asks the finetuned model itself')}`}` : '';
  const found = mark?.writer === 'amplified' ? foundIn(state.passes.value, state.framing.value).map(describeFound) : [];
  return (
    <p class="answer-verdict" title={[mark?.warning, ...found.map(({ rungs }) => rungs)].join('\n')}>
      <ShownPassFlag />{' '}
      <span>
        {found.length > 0 ? found.map(({ sentence }) => sentence).join(' · ') : mark?.warning}
        {confirmed}
      </span>
    </p>
  );
}

function ThemeChip({ theme }: { theme: Theme }) {
  const { state } = usePage();
  const isShown = state.filter.value.theme === theme.phrase;
  return (
    <button
      class={`theme-chip ${isShown ? 'on' : ''} ${theme.stability < RESAMPLES / 2 ? 'unstable' : ''}`}
      aria-pressed={isShown}
      title={describeTheme(theme)}
      onClick={() => state.toggleTheme(theme.phrase)}
    >
      <span class="theme-chip-text">{visibleLine(theme.phrase)}</span>
      <span class="theme-chip-count">
        <span class="visually-hidden">, distinct openings: </span>
        {formatCount(theme.prefills)}
      </span>
    </button>
  );
}

function detailsOf({ sentence, kind, cannotExclude, missing }: Verdict): string {
  return [
    sentence,
    ...(kind === null ? [] : [kind]),
    ...missing.map((line) => `Missing: ${line}`),
    ...cannotExclude.map((line) => `Not excluded: ${line}`),
  ].join('\n');
}
