/** Words about what a server can be in an audit, as far as a user has to decide by them. */
import { l10n } from 'vscode';
import { FRAMINGS, type Framing } from '../audit/framing.js';
import type { EndpointProfile } from '../models/api/endpoint-profile.js';
import { judgeProfile, type FinetunedFault, type FramingFault, type ReferenceFault } from './judge-profile.js';

export interface Refusal {
  readonly reason: string;
  /** What to do instead. */
  readonly advice: string;
}

export interface EndpointVerdict {
  readonly profile: EndpointProfile;
  /** Why it cannot be the finetuned model; `null` where it can. */
  readonly finetuned: Refusal | null;
  /** The same of the reference model. */
  readonly reference: Refusal | null;
  /** Why it cannot generate so; `null` where it can. */
  readonly framings: Readonly<Record<Framing, string | null>>;
}

export function makeVerdict(profile: EndpointProfile): EndpointVerdict {
  const { finetuned, reference, framings } = judgeProfile(profile);
  const describe = (framing: Framing) => framings[framing] && describeFraming(framings[framing]);
  return {
    profile,
    finetuned: finetuned && describeFinetuned(finetuned),
    reference: reference && describeReference(reference),
    framings: { raw: describe('raw'), chat: describe('chat'), ask: describe('ask'), dialogue: describe('dialogue') },
  };
}

export function listPossible(framings: EndpointVerdict['framings']): Framing[] {
  return FRAMINGS.filter((framing) => framings[framing] === null);
}

function describeFinetuned(fault: FinetunedFault): Refusal {
  switch (fault) {
    case 'noCompletions':
      return { reason: l10n.t('It supports neither completions nor chat completions.'), advice: l10n.t('Check the base URL, and what kind of model it is.') };
    case 'noLogprobs':
      return {
        reason: l10n.t('It returns no logprobs for the text that it generates.'),
        advice: l10n.t('Serve it with vLLM or llama.cpp, or take its GGUF file.'),
      };
  }
}

function describeReference(fault: ReferenceFault): Refusal {
  switch (fault) {
    case 'noGivenLogprobs':
      return {
        reason: l10n.t('It cannot score given text: it returns no logprobs for it.'),
        advice: l10n.t('Take a GGUF file or a model on vLLM: any trusted model will do.'),
      };
    case 'contradictsItself':
      return {
        reason: l10n.t('Its logprobs for given text differ from those that it returned when it generated that text.'),
        advice: l10n.t('Serve it with another version or another server, or take a GGUF file: any trusted model will do.'),
      };
  }
}

function describeFraming(fault: FramingFault): string {
  switch (fault) {
    case 'noTextLogprobs':
      return l10n.t('the server cannot complete plain text with logprobs');
    case 'noChatTemplate':
      return l10n.t('the model has no chat template');
    case 'noChatLogprobs':
      return l10n.t('the server returns no logprobs in a chat');
    case 'noContinuation':
      return l10n.t("the server cannot continue an assistant's turn");
    case 'noTokenIds':
      return l10n.t('the server neither accepts nor returns token ids, which a dialogue needs');
  }
}
