import { useEffect, useMemo, useRef } from 'preact/hooks';
import { compareAuthors } from '../../src/analysis/figures/agreement.js';
import { computeFigures, computeSliceFigures } from '../../src/analysis/figures/figures.js';
import { SCORE_DEFINITIONS, type ScoreName } from '../../src/audit/scores.js';
import { labelsOf } from '../state/blind.js';
import { countOf } from '../../src/text/numbers.js';
import { usePage } from '../widgets/context.js';
import { Icon } from '../widgets/icon.js';
import { describeAuthorsAgreement, describeLabelFigures, type FigureText } from './figure-texts.js';

/** How deep a ranking is looked at that was read from the top. */
const FROM_THE_TOP = 100;

/** What the labels say about the ranking. */
export function FiguresDialog() {
  const { commands } = usePage();
  const dialog = useRef<HTMLDialogElement>(null);
  const open = commands.openPanel.value === 'figures';
  useEffect(() => {
    if (open && !dialog.current!.open) dialog.current!.showModal();
    if (!open && dialog.current!.open) dialog.current!.close();
  }, [open]);
  const close = () => {
    if (commands.openPanel.peek() !== 'figures') return;
    commands.openPanel.value = null;
    commands.list?.focus();
  };
  return (
    <dialog
      ref={dialog}
      class="help figures-dialog"
      aria-labelledby="figures-title"
      onClose={close}
      onClick={(event) => event.target === dialog.current && close()}
    >
      <div class="help-body">
        <div class="help-head">
          <h2 id="figures-title">Figures</h2>
          <button class="icon-button" aria-label="Close" title="Close (Escape)" onClick={close}>
            <Icon name="close" />
          </button>
        </div>
        {open && <Figures />}
      </div>
    </dialog>
  );
}

function Figures() {
  const { state, commands } = usePage();
  const drawn = commands.blind.figuresOf.value;
  const judgements = state.judgements.inForce.value;
  const ranking = state.ranks.value.best;
  const figures = useMemo(() => {
    const labels = labelsOf(judgements, drawn);
    return drawn
      ? computeSliceFigures(drawn.slice, labels)
      : computeFigures(
          ranking.map(({ id }) => id),
          FROM_THE_TOP,
          labels,
        );
  }, [drawn, judgements, ranking]);
  const agreements = compareAuthors(state.evidence.judgements.value);
  const score = drawn ? (drawn.slice.score as ScoreName) : state.score.value;
  const framing = drawn ? drawn.slice.framing : state.framing.value === 'all' ? null : state.framing.value;
  return (
    <>
      <p>
        {drawn
          ? `A blind slice: the best ${drawn.slice.top.length} of ${countOf(drawn.slice.population, 'completion')}${drawn.slice.random.length === 0 ? ', nothing random among them' : `, mixed with ${drawn.slice.random.length} random ones of the rest`}. Labels that were given in sight of ranks and scores do not count.`
          : `All labels, for a ranking of ${countOf(ranking.length, 'completion')} that was read with its scores in sight.`}{' '}
        <span class="dim">
          By {SCORE_DEFINITIONS[score]?.name.toLowerCase() ?? score}, {framing === null ? 'all framings' : `${framing} framing`}.
        </span>
      </p>
      <FigureList figures={describeLabelFigures(figures, state.nameOf.value, drawn !== null)} />
      <h3>Agreement of authors</h3>
      {agreements.length === 0 ? (
        <p class="dim">No two authors labelled the same completion.</p>
      ) : (
        <FigureList figures={agreements.map((agreement) => describeAuthorsAgreement(agreement, state.nameOf.value))} />
      )}
    </>
  );
}

function FigureList({ figures }: { figures: readonly FigureText[] }) {
  return (
    <dl class="figure-list">
      {figures.map(({ name, value, why }) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            <strong>{value ?? '–'}</strong> <span class="dim">{why}</span>
          </dd>
        </div>
      ))}
    </dl>
  );
}
