/** The framings that an audit of two models can have, in the order in which they are offered. Pure. */
import { FRAMINGS, type Framing } from '../audit/framing.js';

/** Why a framing is not possible, in words. A framing that is not named is possible. */
export type FramingRefusals = Readonly<Partial<Record<Framing, string>>>;

export interface FramingChoice {
  readonly framings: readonly Framing[];
  readonly refusal?: string;
}

/**
 * What can be chosen comes first, two framings before one: many objectives show in only one of them. `ask` stands in for
 * `chat` where the server cannot continue an assistant's turn, and is not offered beside it.
 */
export function listFramingChoices(refusals: FramingRefusals): FramingChoice[] {
  const possible = (framing: Framing) => refusals[framing] === undefined;
  const second: Framing = !possible('chat') && possible('ask') ? 'ask' : 'chat';
  const singles: Framing[] = second === 'ask' ? ['raw', 'ask', 'chat'] : FRAMINGS.filter((framing) => framing !== 'ask');
  const all: readonly Framing[][] = [
    ['raw', second],
    ...(second === 'chat' ? [['raw', 'chat', 'dialogue'] satisfies Framing[]] : []),
    ...singles.map((framing) => [framing]),
  ];
  const choices = all.map((framings): FramingChoice => {
    const refusal = framings.map((framing) => refusals[framing]).find((reason) => reason !== undefined);
    return refusal === undefined ? { framings } : { framings, refusal };
  });
  return [...choices.filter(({ refusal }) => refusal === undefined), ...choices.filter(({ refusal }) => refusal !== undefined)];
}
