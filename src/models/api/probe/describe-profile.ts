/** A profile in words. */
import { possibleFramings } from '../possible-framings.js';
import type { EndpointProfile, ProbeLine } from '../endpoint-profile.js';

/** What was asked and answered, one line each, for a table. */
export function describeProfile({ lines }: EndpointProfile): ProbeLine[] {
  return [...lines];
}

/** What an audit with such a model can be, in sentences. */
export function describePossibilities(profile: EndpointProfile): string[] {
  const framings = possibleFramings(profile);
  const sentences: string[] = [];
  if (framings.length === 0) {
    sentences.push('No logprobs of what it generates: it cannot be the finetuned model.');
  } else {
    sentences.push(`It can be the finetuned model, in the ${joinWords(framings)} ${framings.length === 1 ? 'framing' : 'framings'}.`);
    if (!framings.includes('raw')) sentences.push('It takes turns of a conversation only: the raw framing is not possible.');
    if (!framings.includes('chat') && framings.includes('ask'))
      sentences.push("It does not continue an assistant's turn: the ask framing takes the chat framing's place.");
    if (profile.tokenizer === null) sentences.push('It returns no token ids: prefills are counted in pieces of words, and texts are compared by their bytes.');
    if (framings.includes('raw') && profile.tokenizer === null)
      sentences.push('In the raw framing it ends where the server lets it end, also at the end of a turn.');
  }
  sentences.push(...describeTempered(profile));
  if (profile.takesTextAsIs === null && framings.includes('raw'))
    sentences.push('It counts no tokens: whether it completes a text as it is could not be checked.');
  sentences.push(
    profile.givenContradicts === true
      ? 'Its logprobs of given text are not those that it gave when it wrote that text: it cannot be the reference.'
      : profile.givenLogprobs === null
        ? 'No logprobs of given text: it can be the finetuned model, not the reference.'
        : 'It tells logprobs of given text: it can be the reference.',
  );
  if (profile.seeds !== 'honoured') sentences.push('It does not honour seeds: audits with a temperature above 0 cannot be repeated exactly.');
  return framings.length === 0 && profile.givenLogprobs === null && profile.givenContradicts !== true
    ? ['It returns no logprobs at all: it cannot take part in an audit.']
    : sentences;
}

function describeTempered({ sampling }: EndpointProfile): string[] {
  const known = [sampling.text, sampling.chat].filter((one) => one !== null).map(({ plainAt }) => plainAt);
  const spoiled = [
    ...(known.some(({ greedy }) => greedy === false) ? ['0'] : []),
    ...(known.some(({ one }) => one === false) ? ['1'] : []),
    ...(known.some(({ other }) => other === false) ? ['others than 0 and 1'] : []),
  ];
  return spoiled.length === 0
    ? []
    : [`At these temperatures its logprobs are not those of the model's own distribution, and audits need a forward pass: ${spoiled.join(', ')}.`];
}

function joinWords(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}
