/** A limit on what a run may have endpoints read and write, shared by both models of an audit. */
import { AuditError } from '../../../audit/errors.js';

/** Tokens that a request under way may need. */
export interface TokenReservation {
  readonly tokens: number;
}

export class TokenBudget {
  /** Prompt and completion tokens together; `Infinity` where there is no limit. */
  readonly limit: number;
  readonly #open = new Set<TokenReservation>();
  #used: number;
  #reserved = 0;

  /** @param used tokens that count against the limit already */
  constructor(limit: number, used = 0) {
    this.limit = limit;
    this.#used = used;
  }

  static unlimited(): TokenBudget {
    return new TokenBudget(Infinity);
  }

  /** Tokens of settled requests. */
  get used(): number {
    return this.#used;
  }

  /**
   * Sets aside what a request will need at most; `settle` gives back what it did not.
   * @throws AuditError `spendingLimit` where that could pass the limit: nothing is set aside then
   */
  reserve(tokens: number): TokenReservation {
    if (this.#used + this.#reserved + tokens > this.limit) {
      const underWay = this.#reserved > 0 ? `, requests under way may need ${format(this.#reserved)} more` : '';
      throw new AuditError(
        'spendingLimit',
        `The limit of ${format(this.limit)} tokens is reached: ${format(this.#used)} were used${underWay}, and the next request may need ` +
          `${format(tokens)}. What was measured is kept; resume to go on with as many tokens again, or raise the limit.`,
      );
    }
    const reservation = { tokens };
    this.#open.add(reservation);
    this.#reserved += tokens;
    return reservation;
  }

  /** Ends a reservation with what was really used (0 where the request came to nothing). A second time does nothing. */
  settle(reservation: TokenReservation, used: number): void {
    if (!this.#open.delete(reservation)) return;
    this.#reserved -= reservation.tokens;
    this.#used += used;
  }
}

function format(tokens: number): string {
  return tokens.toLocaleString('en-US');
}
