/** Putting amplified text to the finetuned model itself, by key or by button. */
import { CONFIRM_FIRST } from '../src/messages/confirmation.js';
import { sayCount, type ConfirmWhich } from './state/confirmations.js';
import type { PageState } from './state/page-state.js';
import { sayKey } from './page-keys.js';

const NOTHING = 'Nothing here was written amplified. An audit of two model files with “amplify” in its plan writes what can be confirmed.';

export class ConfirmationCommands {
  constructor(
    private readonly state: PageState,
    private readonly tell: (text: string) => void,
  ) {}

  /** The completion that is shown; while something is put to the model, ends that. @param question edited; else the one in the completion's language */
  async one(question?: string): Promise<void> {
    const selected = this.state.selected.peek();
    if (selected) await this.#ask({ id: selected.id, ...(question !== undefined && { question }) });
  }

  /** The best of each framing. */
  async first(): Promise<void> {
    await this.#ask({ first: CONFIRM_FIRST });
  }

  async #ask(which: ConfirmWhich): Promise<void> {
    const { confirmations, passMark, passes } = this.state;
    if (confirmations.asking.peek().state === 'asking') {
      confirmations.stop();
      return;
    }
    if (passMark.peek()?.writer !== 'amplified') {
      const isThere = passes.peek()?.offers.some(({ writer }) => writer === 'amplified') === true;
      this.tell(isThere ? `Only amplified text is confirmed: show the amplified pass.${sayKey('pass', 'shows the next pass.')}` : NOTHING);
      return;
    }
    await confirmations.ask(which);
    const asking = confirmations.asking.peek();
    const count = confirmations.count.peek();
    if (asking.state === 'failed') this.tell(`Not confirmed: ${asking.reason}`);
    else if (asking.state === 'ended') this.tell(`${asking.message}${count ? ` In all, ${sayCount(count)}.` : ''}`);
  }
}
