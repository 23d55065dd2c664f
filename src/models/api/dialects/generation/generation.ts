/** The interface that all ways of generating over HTTP share. */
import type { Alternative, GeneratedCompletion, GenerateRequest, Position } from '../../../../audit/language-model.js';
import type { EndpointDesk } from '../../endpoint-desk.js';
import type { EndpointProfile } from '../../endpoint-profile.js';
import type { Stops } from '../stops.js';
import type { RemoteTokenizer } from '../tokenizer/remote-tokenizer.js';

/** One way of asking a server for completions. */
export interface Generation {
  generate(request: GenerateRequest, stops: Stops): Promise<GeneratedCompletion>;
  alternatives(position: Position, count: number, signal: AbortSignal): Promise<Alternative[]>;
}

export interface GenerationContext {
  readonly model: string;
  readonly profile: EndpointProfile;
  readonly desk: EndpointDesk;
}

export interface TokenGenerationContext extends GenerationContext {
  readonly tokenizer: RemoteTokenizer;
}

/** Seeds of a plan have 32 bits, of which some servers take the sign for their own uses and one value for "any". */
export function seedField({ profile }: GenerationContext, seed: number): { readonly seed?: number } {
  return profile.seeds === 'refused' ? {} : { seed: seed % 0x7fffffff };
}

/** Most likely first, at most so many. */
export function rankAlternatives(alternatives: readonly Alternative[], count: number): Alternative[] {
  return alternatives.toSorted((a, b) => b.logprob - a.logprob).slice(0, count);
}

/** Tokens of a text, for a budget: servers cut about three bytes into one at the least favourable. */
export function estimateTokens(text: string): number {
  return Math.ceil(new TextEncoder().encode(text).length / 3) + 1;
}
