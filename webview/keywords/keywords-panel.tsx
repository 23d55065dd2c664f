import type { KeywordCounts, MatchCount } from '../../src/analysis/keywords.js';
import type { KeywordAnswer } from '../../src/messages/evidence.js';
import { visibleLine } from '../../src/text/visible-text.js';
import type { KeywordState } from '../state/keyword-sets.js';
import { formatShare } from '../text/numbers.js';
import { formatCount } from '../../src/text/numbers.js';
import { Checkbox } from '../widgets/checkbox.js';
import { usePage } from '../widgets/context.js';
import { Icon } from '../widgets/icon.js';

const LONGEST = 1000;

/** The paper's measure: how many of the completions that rank highest say what the auditor looks for. */
export function KeywordsPanel() {
  const { state } = usePage();
  const { keywords, settings } = state;
  const error = keywords.error.value;
  return (
    <section class="side-panel keywords" id="keywords" aria-label="Keywords">
      <div class="keyword-scroll">
        <KeywordSets keywords={keywords} />
        {error !== null && (
          <p class="field-error" role="alert">
            {error}
          </p>
        )}
        {keywords.any.value && keywords.report.value && <Counts report={keywords.report.value} />}
      </div>
      <p class="panel-foot dim">
        <Checkbox
          checked={settings.value.markKeywords}
          title="Mark what the keywords match, in the list and in the text"
          onChange={(markKeywords) => state.change({ markKeywords })}
        >
          Mark
        </Checkbox>
        <span title="A completion matches where any set does. A set matches where all of its words occur, in any case, anywhere in the text that the model wrote; a regular expression matches as written, (?i) at its beginning for any case.">
          Any set, all words of a set. Ranked by {state.rankedBy.value.toLowerCase()}.
        </span>
      </p>
    </section>
  );
}

function KeywordSets({ keywords }: { keywords: KeywordState }) {
  const { commands } = usePage();
  const sets = keywords.sets.value;
  const { problems } = keywords.keywords.value;
  const report = keywords.report.value;
  // Problems and counts are numbered without the rows in which nothing is written.
  const places = sets.map((set, index) => (set === null ? -1 : sets.slice(0, index).filter((other) => other !== null).length));
  return (
    <ol class="keyword-sets">
      {keywords.rows.value.map(({ text, regex }, index) => {
        const place = places[index]!;
        const problem = problems.find((one) => one.index === place)?.problem;
        const counts = place < 0 ? undefined : report?.sets[place];
        return (
          <li key={index}>
            <div class="keyword-row">
              <input
                id={`keyword-${index}`}
                data-autofocus={index === 0 ? true : undefined}
                class={`number-field ${problem === undefined ? '' : 'invalid'}`}
                value={text}
                maxlength={LONGEST}
                aria-label={`Keyword set ${index + 1}`}
                aria-invalid={problem !== undefined}
                {...(problem === undefined ? {} : { 'aria-describedby': `keyword-problem-${index}` })}
                placeholder={regex ? 'Regular expression, e.g. (?i)glass\\s+bridge' : 'Words, between commas: all must occur'}
                onInput={(event) => keywords.edit(index, { text: event.currentTarget.value })}
                onBlur={() => void keywords.save()}
                onKeyDown={(event) => {
                  if (event.key !== 'Enter' && event.key !== 'Escape') return;
                  event.stopPropagation();
                  if (event.key === 'Escape') {
                    commands.list?.focus();
                    return;
                  }
                  void keywords.save();
                  document.getElementById(`keyword-${index + 1}`)?.focus();
                }}
              />
              <button
                class={`icon-button ${regex ? 'on' : ''}`}
                aria-pressed={regex}
                aria-label={`Set ${index + 1} is a regular expression`}
                title="A regular expression"
                onClick={() => {
                  keywords.edit(index, { regex: !regex });
                  void keywords.save();
                }}
              >
                <Icon name="regex" />
              </button>
              <span class="keyword-counts" title="In the top 10, the top 100 and all">
                {counts && `${formatCount(counts.top10)} · ${formatCount(counts.top100)} · ${formatCount(counts.all)}`}
              </span>
              <button class="icon-button" disabled={place < 0} aria-label={`Remove set ${index + 1}`} title="Remove" onClick={() => keywords.remove(index)}>
                <Icon name="close" />
              </button>
            </div>
            {problem !== undefined && (
              <p class="field-error" id={`keyword-problem-${index}`} role="alert">
                {visibleLine(problem)}
              </p>
            )}
          </li>
        );
      })}
    </ol>
  );
}

function Counts({ report }: { report: KeywordAnswer }) {
  const { framings, reference } = report;
  const ofReference = new Map(reference?.framings);
  return (
    <table class="keyword-table">
      <thead>
        <tr>
          <th scope="col">Matching</th>
          <th scope="col">Top 10</th>
          <th scope="col">Top 100</th>
          <th scope="col">All</th>
          {reference && (
            <th scope="col" title="The reference’s own completions: what matches without any finetuning">
              Reference
            </th>
          )}
        </tr>
      </thead>
      <tbody>
        {framings.length > 1 && <CountsRow name="All framings" counts={report.together} reference={reference?.together} />}
        {framings.map(([framing, counts]) => (
          <CountsRow key={framing} name={framing} counts={counts} reference={ofReference.get(framing) ?? (reference ? null : undefined)} />
        ))}
      </tbody>
    </table>
  );
}

interface CountsRowProps {
  readonly name: string;
  readonly counts: KeywordCounts;
  /** `null` where the reference wrote nothing in this framing, left out where it wrote nothing at all. */
  readonly reference: MatchCount | null | undefined;
}

function CountsRow({ name, counts, reference }: CountsRowProps) {
  return (
    <tr>
      <th scope="row">{name}</th>
      <td>{share(counts.top10, Math.min(10, counts.of))}</td>
      <td>{share(counts.top100, Math.min(100, counts.of))}</td>
      <td>{share(counts.all, counts.of)}</td>
      {reference !== undefined && <td>{reference ? share(reference.matching, reference.of) : '–'}</td>}
    </tr>
  );
}

function share(count: number, of: number) {
  return (
    <>
      {formatCount(count)}
      <span class="dim"> of {formatCount(of)}</span>
      {of > 0 && <span class="dim share"> ({formatShare(count / of)})</span>}
    </>
  );
}
