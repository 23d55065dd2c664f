/** What a peer does otherwise than the server it stands for: things that were met in practice. */

/**
 * `noBytes`: entries of chat logprobs have no `bytes`; `nullBytes`: they are `null`.
 * `brokenText`: half characters are U+FFFD, in `token`, in `bytes` and in legacy token lists.
 * `hideTokenize`: vLLM has no /tokenize and /detokenize (a proxy passes /v1 only).
 * `noSeed`: a `seed` is refused.
 * `noLogprobs`: logprobs are silently `null`.
 * `noUsage`: answers say nothing of usage.
 * `onlyMaxCompletionTokens`: OpenAI's chat refuses `max_tokens` (its newer models).
 * `hideEnd`: the token that ended a completion is not among the tokens of its logprobs.
 * `ignoreContinue`: vLLM's `continue_final_message` starts a new turn (a proxy dropped the field).
 * `anonymous`: vLLM does not say what it is (a gateway with a list of its own).
 * `tempered`: above temperature 0, logprobs are those after it (SGLang; vLLM with `--logprobs-mode processed_logprobs`).
 * `oneHot`: at temperature 0 the chosen token has logprob 0, all others the lowest.
 * `noTokenStrs`: vLLM's /tokenize tells no `token_strs` (older versions).
 * `dropBlank`: a text that is made of tokens loses the blank at its beginning (vocabularies of Llama 2's kind).
 * `repeatOpening`: vLLM's chat puts an opened turn before its continuation (its field `echo`); `repeatOpeningTokens`: before
 * its logprobs too.
 *
 * Of OpenAI's legacy completions only:
 * `echoBos`: an echo shows the BOS as its first token (servers of Llama models).
 * `ignoreEcho`: `echo` is passed over without a word, logprobs are those of new tokens (llama.cpp's server, issue 27174).
 * `noOffsets`: every text offset is −1, half characters are U+FFFD (SGLang).
 * `promptApart`: an echo stands in a list `prompt` beside the choices, all lists with `token_ids` and without offsets and
 * alternatives (Together AI's OpenAPI description: PromptPart, LogprobsPart).
 */
export type Quirk =
  | 'noBytes'
  | 'nullBytes'
  | 'brokenText'
  | 'hideTokenize'
  | 'noSeed'
  | 'noLogprobs'
  | 'noUsage'
  | 'onlyMaxCompletionTokens'
  | 'echoBos'
  | 'hideEnd'
  | 'ignoreContinue'
  | 'anonymous'
  | 'tempered'
  | 'oneHot'
  | 'noTokenStrs'
  | 'dropBlank'
  | 'repeatOpening'
  | 'repeatOpeningTokens'
  | 'ignoreEcho'
  | 'noOffsets'
  | 'promptApart';

export interface DialectOptions {
  readonly quirks: ReadonlySet<Quirk>;
  /** Alternatives per token that may be asked for at most. */
  readonly maxLogprobs: number;
}
