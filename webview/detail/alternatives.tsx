import type { DivergenceBound } from '../../src/audit/divergence-bound.js';
import { formatFixed } from '../../src/text/numbers.js';
import { formatProbability } from '../text/numbers.js';
import { VisibleText } from '../text/visible-text-view.js';
import type { AlternativesState } from './token-pointer.js';

interface AlternativesProps {
  readonly state: AlternativesState;
  /** The token's own text, to be recognised among the alternatives. */
  readonly taken: string;
  readonly onRetry: () => void;
}

/** Both models' likeliest tokens at one place. */
export function AlternativesTable({ state, taken, onRetry }: AlternativesProps) {
  if (state.state === 'loading') {
    return (
      <p class="alternatives-wait">
        <vscode-progress-ring /> Asking both models…
      </p>
    );
  }
  if (state.state === 'failed') {
    return (
      <div class="alternatives-failed">
        <p>{state.reason}</p>
        <button class="link-button" onClick={onRetry}>
          Ask again
        </button>
      </div>
    );
  }
  return (
    <div class="alternatives">
      <Likeliest model="Finetuned" side="likes-f" tokens={state.answer.finetuned} taken={taken} />
      <Likeliest model="Reference" side="likes-r" tokens={state.answer.reference} taken={taken} />
      {state.answer.divergence && <Bound bound={state.answer.divergence} />}
    </div>
  );
}

/** Of the whole distributions no more is known than what their likeliest tokens say. */
function Bound({ bound }: { readonly bound: DivergenceBound }) {
  const share = (mass: number) => formatProbability(Math.log(mass));
  return (
    <p class="divergence-bound dim">
      At least KL(F‖R) {formatFixed(bound.forward, 3)}, KL(R‖F) {formatFixed(bound.backward, 3)} nats. Not named by both: {share(bound.unseen)} of F,{' '}
      {share(bound.otherUnseen)} of R
    </p>
  );
}

interface LikeliestProps {
  readonly model: string;
  readonly side: string;
  readonly tokens: readonly { readonly text: string; readonly logprob: number }[];
  readonly taken: string;
}

function Likeliest({ model, side, tokens, taken }: LikeliestProps) {
  return (
    <div class={`likeliest ${side}`}>
      <h3>{model} would say</h3>
      {tokens.length === 0 && <p class="dim">This server names no alternatives.</p>}
      <ol>
        {tokens.map(({ text, logprob }, index) => (
          <li key={index} class={text === taken ? 'taken' : ''}>
            <span class="likeliest-token">
              <VisibleText text={text} breaks={false} spaces />
              {text === taken && <span class="visually-hidden"> (the token of the completion)</span>}
            </span>
            <span class="likeliest-bar" aria-hidden="true">
              <span style={{ width: `${Math.exp(logprob) * 100}%` }} />
            </span>
            <span class="likeliest-share">{formatProbability(logprob)}</span>
          </li>
        ))}
      </ol>
    </div>
  );
}
