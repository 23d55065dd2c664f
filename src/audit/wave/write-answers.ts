/** The second half of dialogues: their writer has written questions, and answers those that it has ended. */
import type { Prefill } from '../completion.js';
import { AuditError } from '../errors.js';
import type { Job } from '../jobs.js';
import { isSetAside, type Frame, type GeneratedCompletion, type GenerateRequest, type LanguageModel, type Piece, type SetAside } from '../language-model.js';
import { deriveSeed } from '../random.js';
import { bytesOfTokens, decodeUtf8 } from '../../text/utf8.js';
import { collectAnswers, missingAnswer } from './ask-model.js';
import { framesOf, type WaveContext, type Writer } from './wave-context.js';

/** A dialogue whose question was asked for. */
export interface Opened {
  readonly job: Job;
  readonly prefill: Prefill;
  readonly request: GenerateRequest;
}

/**
 * The whole of each dialogue, by id. A question that reached its length without an end stays one, and is the whole completion.
 * @param questions what the writer made of the requests
 * @param onDialogue told each as soon as it is whole
 */
export async function writeAnswers(
  opened: readonly Opened[],
  questions: ReadonlyMap<number, GeneratedCompletion | SetAside>,
  writer: Writer,
  context: WaveContext,
  onDialogue: (dialogue: GeneratedCompletion, job: Job) => void,
): Promise<Map<number, GeneratedCompletion | SetAside>> {
  const dialogues = new Map<number, GeneratedCompletion | SetAside>();
  const asked = new Map<
    number,
    { readonly job: Job; readonly request: GenerateRequest; readonly whole: (answer: GeneratedCompletion) => GeneratedCompletion }
  >();
  for (const { job, prefill, request } of opened) {
    const written = questions.get(job.id);
    if (written === undefined) throw missingAnswer(writer.model, job.id);
    if (isSetAside(written)) {
      dialogues.set(job.id, written);
      continue;
    }
    const frame = framesOf(context.setup, job)[writer.frames];
    const pieces = await replyOf(frame, writer.model, context.signal);
    const { question, ended } = cutQuestion(written, pieces);
    if (!ended) {
      dialogues.set(job.id, written);
      onDialogue(written, job);
      continue;
    }
    const whole = (answer: GeneratedCompletion): GeneratedCompletion => ({
      ...answer,
      tokens: [...question.tokens, ...answer.tokens],
      logprobs: [...question.logprobs, ...answer.logprobs],
      turn: { at: question.tokens.length, pieces },
    });
    asked.set(job.id, { job, request: askForAnswer(request, frame, [...prefill.pieces, ...question.tokens]), whole });
  }
  const answers = await collectAnswers(
    [...asked.values()].map(({ job }) => job),
    context,
    (options) =>
      writer.model.generate(
        [...asked.values()].map(({ request }) => request),
        options,
      ),
    ({ tokens, end }) => tokens.length + (end ? 1 : 0),
    (answer, job) => onDialogue(asked.get(job.id)!.whole(answer), job),
  );
  for (const [id, { whole }] of asked) {
    const answer = answers.get(id);
    if (answer === undefined) throw missingAnswer(writer.model, id);
    dialogues.set(id, isSetAside(answer) ? answer : whole(answer));
  }
  return dialogues;
}

/** The request for what F says after its own question and the template's turn. */
function askForAnswer(request: GenerateRequest, { reply, ...frame }: Frame, question: readonly Piece[]): GenerateRequest {
  const tokens = [...frame.tokens, ...question.map(({ id }) => id), ...reply!.tokens];
  const text = frame.text + decodeUtf8(bytesOfTokens(question)) + reply!.text;
  return { ...request, prompt: tokens, parts: { frame: { ...frame, tokens, text }, prefill: [] }, seed: deriveSeed(request.seed, 1) };
}

async function replyOf({ reply }: Frame, model: LanguageModel, signal: AbortSignal): Promise<Piece[]> {
  if (reply === undefined || reply.tokens.length === 0)
    throw new AuditError('badPlan', `${model.identity.name} has no turn to answer in. Start the audit again, or leave the dialogue framing out.`);
  return model.pieces(reply.tokens, signal);
}

/**
 * Where F ended the user's turn: by an end of turn, by the first control token of the template's turn, or, where that has none, by
 * writing it out as text. What it wrote after that is left out.
 */
export function cutQuestion(
  { end, tokens, logprobs }: Pick<GeneratedCompletion, 'tokens' | 'logprobs' | 'end'>,
  reply: readonly Piece[],
): { readonly question: Pick<GeneratedCompletion, 'tokens' | 'logprobs'>; readonly ended: boolean } {
  const control = reply.find((piece) => piece.control);
  const place = control ? tokens.findIndex(({ id }) => id === control.id) : findText(tokens, decodeUtf8(bytesOfTokens(reply)).trim());
  if (place < 0) return { question: { tokens, logprobs }, ended: end !== null };
  return { question: { tokens: tokens.slice(0, place), logprobs: logprobs.slice(0, place) }, ended: true };
}

/** Index of the token that a text begins in; −1 where it does not stand there, or is empty. */
function findText(tokens: readonly Piece[], text: string): number {
  if (text === '') return -1;
  const wanted = new TextEncoder().encode(text);
  const bytes = bytesOfTokens(tokens);
  const place = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).indexOf(wanted);
  if (place < 0) return -1;
  let offset = 0;
  return tokens.findIndex((token) => (offset += bytesOfTokens([token]).length) > place);
}
