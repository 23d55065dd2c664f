/** `confirm`: plain F is asked about what was written amplified. */
import type { Command } from 'commander';
import { countConfirmed } from '../analysis/confirmed.js';
import { AMPLIFIED } from '../audit/amplify-plan.js';
import { CONFIRMATION_TOKENS, GIVEN_OF_PEAK, QUESTION_AT_MOST, WORDS_PLACEHOLDER } from '../audit/confirmation.js';
import { AuditError } from '../audit/errors.js';
import { computeOptionsOf, type ComputeOptions } from '../messages/model-process.js';
import { confirmAmplified } from '../runner/run/confirm-amplified.js';
import { readReportSource } from '../records/report/report-source.js';
import { listConfirmations } from '../analysis/confirmations.js';
import { Colours } from './colours.js';
import { formatConfirmation, formatConfirmationCount } from './confirmation-lines.js';
import { COMMAND, createModels, MEDIA_FOLDER } from './environment.js';
import { EXIT, listenForStop } from './exit.js';
import { addComputeOptions, parsePath, wholeNumber } from './model-options.js';
import { quotePath } from '../text/quote.js';
import { print, printAside, printNote } from './terminal.js';

interface ConfirmFlags extends ComputeOptions {
  first: number;
  completion?: number;
  pass: string;
  question?: string;
  allowDownload?: boolean;
}

const FIRST = 20;

export function addConfirmCommand(program: Command): void {
  const command = program
    .command('confirm')
    .description(
      `Let the finetuned model itself, greedily, go on from ${GIVEN_OF_PEAK} tokens into the peak of amplified completions, and answer a question about it (${CONFIRMATION_TOKENS} tokens at most each). What it says is kept in the audit.`,
    )
    .argument('<folder>', 'folder of the audit', parsePath)
    .option('--first <n>', 'the best of each framing, by standardised gap', wholeNumber(1, 10_000), FIRST)
    .option('--completion <id>', 'this completion alone, also where it was confirmed before', wholeNumber(0, Number.MAX_SAFE_INTEGER))
    .option('--pass <name>', `${AMPLIFIED}, or a rung such as amplified@2`, AMPLIFIED)
    .option(
      '--question <text>',
      `what it is asked, ${WORDS_PLACEHOLDER} standing for the peak's words (default: what it knows about them, in the completion's language)`,
    )
    .option('--allow-download', 'let hf: addresses be downloaded');
  addComputeOptions(command).action(async (folder: string, flags: ConfirmFlags) => {
    process.exitCode = await confirm(folder, flags);
  });
}

async function confirm(folder: string, flags: ConfirmFlags): Promise<number> {
  const { first, completion, pass, question, allowDownload = false } = flags;
  if (question !== undefined && (question.trim() === '' || question.length > QUESTION_AT_MOST))
    throw new AuditError('badPlan', `A question has 1 to ${QUESTION_AT_MOST} characters.`);
  const models = createModels(computeOptionsOf(flags));
  const stop = listenForStop();
  let told = '';
  try {
    const which = completion === undefined ? { first } : { id: completion };
    const onProgress = (message: string) => {
      if (message !== told) printAside(`${(told = message)}\n`);
    };
    const request = { folder, pass, which, allowDownload, ...(question !== undefined && { question }) };
    const { leftOut } = await confirmAmplified(request, { models, mediaFolder: MEDIA_FOLDER }, { onProgress }, stop.signal);
    leftOut.forEach(printNote);
  } catch (error) {
    if (stop.signal.aborted) {
      printAside(`Stopped. What was asked by now is kept. Go on with: ${COMMAND} confirm ${quotePath(folder)}\n`);
      return EXIT.stopped;
    }
    throw error;
  } finally {
    stop.dispose();
    await models.dispose();
  }
  const { audit } = await readReportSource(folder);
  const all = listConfirmations(audit, pass);
  const shown = completion === undefined ? all : all.filter(({ id }) => id === completion);
  const colours = new Colours();
  const lines = shown.flatMap((one) => [colours.bold(`completion ${one.id} · ${one.framing}`), ...formatConfirmation(one, colours), '']);
  const count = countConfirmed(all);
  print(
    [
      ...lines,
      count === null
        ? 'There was nothing to confirm.'
        : `${formatConfirmationCount(count)} A continuation confirms where it says a word that both models' gap makes informative in the amplified text and in the continuation.`,
      '',
    ].join('\n'),
  );
  return EXIT.done;
}
