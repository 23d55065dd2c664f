import { useId, useRef, useState } from 'preact/hooks';
import { countLabelled, findUnfinished, USUAL_SLICE } from '../state/blind.js';
import { formatTime } from '../text/numbers.js';
import { Checkbox } from '../widgets/checkbox.js';
import { usePage } from '../widgets/context.js';
import { Popover } from '../widgets/popover.js';
import { withKey } from '../page-keys.js';

const LARGEST_SLICE = 1000;

/** To begin a slice, to go on with one, or to see the figures of one. */
export function BlindPopover() {
  const { commands } = usePage();
  return (
    <Popover
      id="blind"
      label="Label blind"
      anchor="blind-button"
      open={commands.openPanel.value === 'blind'}
      onClose={() => {
        if (commands.openPanel.peek() === 'blind') commands.openPanel.value = null;
      }}
    >
      <Choices />
    </Popover>
  );
}

function Choices() {
  const { state, commands } = usePage();
  const size = useRef<HTMLInputElement>(null);
  const sizeId = useId();
  const [error, setError] = useState<string | null>(null);
  const own = state.judgements.own.value;
  const slices = state.evidence.slices.value;
  const imported = state.completions.value.some(({ hasTokens }) => hasTokens === false);
  /** An import may be only the best of a longer ranking. */
  const [isWhole, setWhole] = useState(!imported);
  const unfinished = findUnfinished(slices, own);
  const framing = state.framing.value;
  const start = async () => {
    const k = size.current!.valueAsNumber;
    if (!Number.isInteger(k) || k < 1 || k > LARGEST_SLICE) {
      setError(`A whole number from 1 to ${LARGEST_SLICE.toLocaleString('en')}.`);
      return;
    }
    const reason = await commands.blind.start(k, isWhole);
    if (reason === null) commands.openPanel.value = null;
    else setError(reason);
  };
  return (
    <>
      <p class="blind-what">
        {isWhole
          ? 'The best of the ranking are mixed with as many random others and shown in random order, without ranks and scores. Only so do labels tell how much better the ranking is than reading at random.'
          : 'The best of the ranking are shown in random order, without ranks and scores. The file that was imported may hold only the best of a longer ranking: what is drawn from it at random would say nothing of what lies below, so there is no base rate and no lift.'}{' '}
        Labels that you gave in sight do not count here.
      </p>
      {imported && (
        <Checkbox checked={isWhole} onChange={setWhole}>
          The file has all completions, not only the best
        </Checkbox>
      )}
      {unfinished && (
        <p class="blind-continue">
          <vscode-button
            data-autofocus
            onClick={() => {
              commands.openPanel.value = null;
              commands.blind.enter(unfinished);
            }}
          >
            Continue: {countLabelled(unfinished, own).labelled} of {unfinished.slice.ids.length} labelled
          </vscode-button>
        </p>
      )}
      <form
        class="blind-new"
        onSubmit={(event) => {
          event.preventDefault();
          void start();
        }}
      >
        <label for={sizeId}>{isWhole ? 'Top and random, each' : 'Of the top'}</label>
        <input
          id={sizeId}
          ref={size}
          type="number"
          class="number-field"
          min={1}
          max={LARGEST_SLICE}
          step={1}
          defaultValue={String(USUAL_SLICE)}
          {...(unfinished ? {} : { 'data-autofocus': true })}
        />
        <vscode-button appearance={unfinished ? 'secondary' : 'primary'} onClick={() => void start()}>
          {unfinished ? 'New slice' : 'Start'}
        </vscode-button>
      </form>
      <p class="dim">
        By {state.rankedBy.value.toLowerCase()}, {framing === 'all' ? 'all framings' : `${framing} framing`}.
      </p>
      {error !== null && (
        <p class="field-error" role="alert">
          {error}
        </p>
      )}
      <h3>Figures</h3>
      <ul class="blind-slices">
        {slices.map((drawn) => (
          <li key={drawn.slice.seed}>
            <button class="link-button" onClick={() => commands.blind.showFigures(drawn)}>
              {drawn.slice.top.length} top, {drawn.slice.random.length} random, {formatTime(drawn.time)}
            </button>{' '}
            <span class="dim">
              {countLabelled(drawn, state.judgements.inForce.value).labelled} of {drawn.slice.ids.length} labelled
            </span>
          </li>
        ))}
        <li>
          <button class="link-button" title={withKey('Figures of all labels', 'figures')} onClick={() => commands.blind.showFigures(null)}>
            All labels, read from the top
          </button>
        </li>
      </ul>
    </>
  );
}
