/** Names of tokens that end a turn but not a document. */
export const END_OF_TURN_NAMES: ReadonlySet<string> = new Set([
  '<|end|>',
  '<|im_end|>',
  '<|eot_id|>',
  '<|eom_id|>',
  '<end_of_turn>',
  '<turn|>',
  '<|end_of_turn|>',
  '<end_of_utterance>',
  '<|endofturn|>',
  '<|END_OF_TURN_TOKEN|>',
  '<|return|>',
  '<|call|>',
  '<|eot|>',
  '<|eom|>',
  '<EOT>',
  '<_EOT>',
  '<|message_sep|>',
]);

/** Names of tokens that end a document. */
export const END_OF_TEXT_NAMES: readonly string[] = ['<|endoftext|>', '</s>', '<|end_of_text|>', '<eos>', '<｜end▁of▁sentence｜>', '<|eos|>'];
