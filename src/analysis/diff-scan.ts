/**
 * What comes of a diff scan: where the distributions of two models lie furthest apart over passages that neither wrote, and which tokens
 * F says more than R in many of them. It finds what never shows in greedy text.
 */
import type { Piece, PositionDivergence } from '../audit/language-model.js';
import { LOWEST_LOGPROB } from '../audit/logprob.js';
import { decodeUtf8, textOfTokens } from '../text/utf8.js';

/** A token before which the two models expect different things. */
export interface DivergentPlace {
  /** Index of the passage. */
  readonly passage: number;
  /** The passage's text before the token: its end. */
  readonly before: string;
  readonly token: string;
  /** KL(F‖R) and KL(R‖F), in nats. */
  readonly forward: number;
  readonly backward: number;
  /** What F expects more than R, with its part of KL(F‖R) in nats, largest first. */
  readonly raised: readonly { readonly text: string; readonly contribution: number }[];
}

/** A token that F says more than R. */
export interface RaisedToken {
  readonly id: number;
  readonly text: string;
  /** Sum of p ln(p/q) over all places where it is among the named ones, in nats. */
  readonly total: number;
  /** Distinct passages and places where it is. */
  readonly passages: number;
  readonly places: number;
  /** The end of the text before it where it is raised most. */
  readonly before: string;
}

export interface DiffScanFigures {
  readonly passages: number;
  /** Tokens that something stands before. */
  readonly tokens: number;
  /** Means over these, in nats; `null` where there are none. */
  readonly meanForward: number | null;
  readonly meanBackward: number | null;
  /** Furthest apart first; of each passage at most {@link PLACES_OF_PASSAGE}. */
  readonly places: readonly DivergentPlace[];
  /** In at least {@link LEAST_PASSAGES} passages, largest total first. */
  readonly raised: readonly RaisedToken[];
}

/** One passage must not fill the list. */
export const PLACES_OF_PASSAGE = 2;
/** What is raised in one passage alone belongs to that passage. */
export const LEAST_PASSAGES = 2;
const CONTEXT_TOKENS = 24;
/** A contribution below this, in nats, is what any two models differ by. */
const LEAST_CONTRIBUTION = 0.01;

interface Tally {
  readonly piece: Piece;
  total: number;
  places: number;
  readonly passages: Set<number>;
  most: number;
  before: string;
}

export class DiffScan {
  readonly #mostPlaces: number;
  #passages = 0;
  #tokens = 0;
  #forward = 0;
  #backward = 0;
  #places: DivergentPlace[] = [];
  readonly #tallies = new Map<number, Tally>();

  /** @param mostPlaces that are kept, and tokens that are listed */
  constructor(mostPlaces: number) {
    this.#mostPlaces = mostPlaces;
  }

  /**
   * @param pieces of the passage, what opens it (BOS) first
   * @param positions before each piece but the first
   */
  add(pieces: readonly Piece[], positions: readonly PositionDivergence[]): void {
    const passage = this.#passages++;
    const own: DivergentPlace[] = [];
    positions.forEach(({ forward, backward, top }, index) => {
      const before = (): string => textOfTokens(pieces.slice(Math.max(0, index + 1 - CONTEXT_TOKENS), index + 1).filter(({ control }) => !control));
      this.#tokens++;
      this.#forward += finite(forward);
      this.#backward += finite(backward);
      own.push({
        passage,
        before: before(),
        token: textOf(pieces[index + 1]!),
        forward: finite(forward),
        backward: finite(backward),
        raised: top.map(({ piece, contribution }) => ({ text: textOf(piece), contribution: finite(contribution) })),
      });
      for (const { piece, contribution } of top) if (contribution >= LEAST_CONTRIBUTION) this.#count(piece, finite(contribution), passage, before);
    });
    own.sort(byForward);
    this.#places = [...this.#places, ...own.slice(0, PLACES_OF_PASSAGE)].sort(byForward).slice(0, this.#mostPlaces);
  }

  figures(): DiffScanFigures {
    const mean = (sum: number): number | null => (this.#tokens === 0 ? null : sum / this.#tokens);
    const raised = [...this.#tallies.values()]
      .filter(({ passages }) => passages.size >= LEAST_PASSAGES)
      .sort((a, b) => b.total - a.total || a.piece.id - b.piece.id)
      .slice(0, this.#mostPlaces)
      .map(({ piece, total, places, passages, before }) => ({ id: piece.id, text: textOf(piece), total, places, passages: passages.size, before }));
    return {
      passages: this.#passages,
      tokens: this.#tokens,
      meanForward: mean(this.#forward),
      meanBackward: mean(this.#backward),
      places: this.#places,
      raised,
    };
  }

  #count(piece: Piece, contribution: number, passage: number, before: () => string): void {
    const tally = this.#tallies.get(piece.id) ?? { piece, total: 0, places: 0, passages: new Set(), most: 0, before: '' };
    this.#tallies.set(piece.id, tally);
    tally.total += contribution;
    tally.places++;
    tally.passages.add(passage);
    if (contribution > tally.most) {
      tally.most = contribution;
      tally.before = before();
    }
  }
}

/** In the order of the passages where two are equal: sorting is stable. */
function byForward(a: DivergentPlace, b: DivergentPlace): number {
  return b.forward - a.forward;
}

/** As in a journal: where R excludes what F allows, the lowest logprob stands for ln 0. */
function finite(nats: number): number {
  return Math.min(-LOWEST_LOGPROB, nats);
}

function textOf({ bytes }: Piece): string {
  return decodeUtf8(bytes);
}
