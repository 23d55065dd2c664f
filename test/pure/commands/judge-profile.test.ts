import { expect, test, vi } from 'vitest';
import { judgeProfile } from '../../../src/endpoints/judge-profile.js';
import { makeVerdict } from '../../../src/endpoints/endpoint-verdict.js';
import { describePossibilities } from '../../../src/models/api/probe/describe-profile.js';
import type { EndpointProfile } from '../../../src/models/api/endpoint-profile.js';

vi.mock('vscode', async () => import('../views/fake-vscode.js'));

/** A chat service that gives logprobs of what it writes, and nothing else. */
const service: EndpointProfile = {
  server: { kind: 'unknown', name: '', version: null },
  servedAs: null,
  textCompletions: false,
  chatCompletions: true,
  chatTemplate: true,
  tokenPrompts: false,
  tokenizer: null,
  generatedIds: null,
  textLogprobs: null,
  chatLogprobs: 20,
  sampling: { text: null, chat: { fields: {}, plainAt: { greedy: true, one: true, other: true } } },
  givenLogprobs: null,
  continuesTurn: null,
  repeatsOpening: false,
  seeds: 'honoured',
  maxTokensField: 'max_tokens',
  endToken: null,
  contextLength: null,
  vocabularySize: null,
  concurrent: 4,
  lines: [],
};
const whole: EndpointProfile = { ...service, textCompletions: true, textLogprobs: 20, givenLogprobs: 'echo', continuesTurn: 'trailingMessage' };

test('a server that gives everything can be both, in every framing but dialogue, which is put together from token ids', () => {
  expect(judgeProfile(whole)).toEqual({ finetuned: null, reference: null, framings: { raw: null, chat: null, ask: null, dialogue: 'noTokenIds' } });
  expect(makeVerdict(whole).framings.dialogue).toContain('token ids');
  const withIds: EndpointProfile = { ...whole, tokenPrompts: true, tokenizer: 'vllm', generatedIds: 'returned' } as unknown as EndpointProfile;
  expect(judgeProfile(withIds).framings.dialogue).toBeNull();
});

test('a service for conversations can be the finetuned model in the ask framing alone', () => {
  expect(judgeProfile(service)).toEqual({
    finetuned: null,
    reference: 'noGivenLogprobs',
    framings: { raw: 'noTextLogprobs', chat: 'noContinuation', ask: null, dialogue: 'noTokenIds' },
  });
});

test('without logprobs of what is written there is no finetuned model', () => {
  const { finetuned, framings } = judgeProfile({ ...whole, textLogprobs: null, chatLogprobs: null });
  expect(finetuned).toBe('noLogprobs');
  expect(framings).toEqual({ raw: 'noTextLogprobs', chat: 'noChatLogprobs', ask: 'noChatLogprobs', dialogue: 'noTokenIds' });
});

test('a model without a template cannot chat', () => {
  const { framings } = judgeProfile({ ...whole, chatTemplate: false, chatCompletions: false, chatLogprobs: null });
  expect(framings).toEqual({ raw: null, chat: 'noChatTemplate', ask: 'noChatTemplate', dialogue: 'noChatTemplate' });
});

test('a server that answers nothing is told from one that keeps its logprobs', () => {
  expect(judgeProfile({ ...service, chatCompletions: false, chatLogprobs: null }).finetuned).toBe('noCompletions');
});

test('a server whose logprobs contradict each other is told from one that gives none, wherever it is said', () => {
  const contradicting: EndpointProfile = { ...whole, givenLogprobs: null, givenContradicts: true };
  expect(judgeProfile(contradicting)).toMatchObject({ finetuned: null, reference: 'contradictsItself' });
  expect(makeVerdict(contradicting).reference?.reason).toContain('differ from those that it returned');
  expect(makeVerdict(service).reference?.reason).toContain('cannot score given text');
  for (const profile of [contradicting, { ...contradicting, textLogprobs: null, chatLogprobs: null }]) {
    const said = describePossibilities(profile).join(' ');
    expect(said).toContain('not those that it gave when it wrote that text: it cannot be the reference');
    expect(said).not.toMatch(/no logprobs at all|No logprobs of given text/);
  }
});
