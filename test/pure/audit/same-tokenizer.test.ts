import { describe, expect, it } from 'vitest';
import { AuditError } from '../../../src/audit/errors.js';
import type { Capabilities, IdRange, LanguageModel, Piece } from '../../../src/audit/language-model.js';
import { agreeOnPieces, canShareIds, compareTokenizersOf, countIds, mayNeedOwnTokens } from '../../../src/audit/same-tokenizer.js';
import { catchError } from './models.js';
import { NgramModel } from './ngram-model.js';

const { signal } = new AbortController();

interface Made {
  readonly name?: string;
  readonly longTokens?: readonly string[];
  readonly fingerprint?: string;
  readonly size?: number | null;
  readonly capabilities?: Partial<Capabilities>;
}

function make({ name = 'a', longTokens = ['The'], fingerprint, size, capabilities = {} }: Made = {}): NgramModel {
  const model = new NgramModel({ name, longTokens, training: [], capabilities });
  const identity = { ...model.identity, ...(fingerprint && { tokenizerFingerprint: fingerprint }), ...(size !== undefined && { vocabularySize: size }) };
  return Object.assign(model, { identity });
}

const served = { independent: true };

describe('two tokenizers', () => {
  it('are one by their fingerprint, between files, whatever their size', async () => {
    expect(await compareTokenizersOf(make(), make({ name: 'b', size: 9 }), signal)).toEqual({ same: true, unlikeIds: [] });
  });

  it('are what the files hold where fingerprints differ, and else told apart by their size', async () => {
    const other = make({ name: 'b', fingerprint: 'x' });
    const unlikeIds: readonly IdRange[] = [[3, 5]];
    const compared = Object.assign(make(), { compareTokenizer: () => Promise.resolve({ same: true as const, unlikeIds }) });
    expect(await compareTokenizersOf(compared, other, signal)).toEqual({ same: true, unlikeIds });
    const unknown = Object.assign(make(), { compareTokenizer: () => Promise.resolve(null) });
    expect(await compareTokenizersOf(unknown, other, signal)).toEqual({ same: false, difference: 'their vocabularies are not the same' });
    const larger = make({ name: 'b', fingerprint: 'x', size: 9 });
    for (const model of [make(), unknown])
      expect(await compareTokenizersOf(model, larger, signal)).toEqual({ same: false, difference: 'a has 261 pieces in its vocabulary and b has 9' });
  });

  it('have nothing in common where a server tells no ids', async () => {
    const silent = make({ name: 'silent', capabilities: { tokenIds: false } });
    for (const [a, b] of [[silent, make()] as const, [make(), silent] as const])
      expect(await compareTokenizersOf(a, b, signal)).toEqual({ same: false, difference: 'the server of silent does not tell its token ids' });
  });

  describe('of which one is behind a server', () => {
    it.each([
      [served, {}],
      [{}, served],
      [served, served],
    ])('are compared by the ids and bytes of texts that are cut differently', async (first, second) => {
      const a = make({ capabilities: first });
      expect(await compareTokenizersOf(a, make({ fingerprint: 'x', capabilities: second }), signal)).toEqual({ same: true, unlikeIds: [] });
      const keeper = make({ longTokens: ['ker'], capabilities: first });
      const cut = await compareTokenizersOf(keeper, make({ longTokens: ['eep'], capabilities: second }), signal);
      expect(cut).toEqual({ same: false, difference: 'they cut "The keeper of the northe…" into other tokens' });
    });

    it('differ where only a later text is cut otherwise, by one token more, another id or other bytes', async () => {
      const base = make({ capabilities: served });
      const changed = (change: (pieces: Piece[]) => Piece[]): LanguageModel => {
        const model = make({ fingerprint: 'x', capabilities: served });
        const tokenize = model.tokenize.bind(model);
        model.tokenize = async (texts, own) => (await tokenize(texts, own)).map((pieces, index) => (index === 2 ? change(pieces) : pieces));
        return model;
      };
      const first = (with_: Partial<Piece>) => (pieces: Piece[]) => [{ ...pieces[0]!, ...with_ }, ...pieces.slice(1)];
      const told = await compareTokenizersOf(base, changed(first({ id: 99 })), signal);
      expect(told).toMatchObject({ same: false, difference: expect.stringMatching(/^they cut "two {2}blanks/) });
      for (const change of [
        first({ bytes: Uint8Array.of(1) }),
        first({ bytes: Uint8Array.of(32, 32) }),
        (pieces: Piece[]) => pieces.slice(1),
        (pieces: Piece[]) => [...pieces, pieces[0]!],
        () => [],
      ])
        for (const [a, b] of [[base, changed(change)] as const, [changed(change), base] as const])
          expect(await compareTokenizersOf(a, b, signal)).toEqual(told);
      expect(
        await compareTokenizersOf(
          base,
          changed((pieces) => pieces),
          signal,
        ),
      ).toEqual({ same: true, unlikeIds: [] });
    });

    it('differ where their sizes do, also with one fingerprint, and not where a server tells no size', async () => {
      const a = make({ capabilities: served });
      expect(await compareTokenizersOf(a, make({ name: 'b', size: 9 }), signal)).toEqual({
        same: false,
        difference: 'a has 261 pieces in its vocabulary and b has 9',
      });
      const silent = make({ size: null });
      for (const [one, other] of [[a, silent] as const, [silent, a] as const]) expect((await compareTokenizersOf(one, other, signal)).same).toBe(true);
    });

    it('are one by their fingerprint, and no text is asked for', async () => {
      const [a, b] = [make({ capabilities: served }), make()];
      expect(await compareTokenizersOf(a, b, signal)).toEqual({ same: true, unlikeIds: [] });
      expect([...a.calls, ...b.calls]).toEqual([]);
      await compareTokenizersOf(a, make({ fingerprint: 'x' }), signal);
      expect(a.calls).toHaveLength(1);
    });
  });
});

describe('ids', () => {
  const unlikeIds: readonly IdRange[] = [
    [3, 5],
    [9, 10],
  ];

  it('can be shared where none is in a range of unlike ones: from its first to before its last', () => {
    const shareable = Array.from({ length: 12 }, (_, id) => id).filter((id) => canShareIds({ sameTokenizer: true, unlikeIds }, [1, id]));
    expect(shareable).toEqual([0, 1, 2, 5, 6, 7, 8, 10, 11]);
    expect(canShareIds({ sameTokenizer: true, unlikeIds }, [])).toBe(true);
    expect(canShareIds({ sameTokenizer: true }, [3])).toBe(true);
    for (const ids of [[], [1]]) expect(canShareIds({ sameTokenizer: false }, ids)).toBe(false);
  });

  it('may have to be cut anew unless the tokenizers are the same in every id', () => {
    expect(mayNeedOwnTokens({ sameTokenizer: true })).toBe(false);
    expect(mayNeedOwnTokens({ sameTokenizer: true, unlikeIds: [] })).toBe(false);
    expect(mayNeedOwnTokens({ sameTokenizer: true, unlikeIds })).toBe(true);
    expect(mayNeedOwnTokens({ sameTokenizer: false })).toBe(true);
  });

  it('are counted over all ranges', () => {
    expect(countIds(unlikeIds)).toBe(3);
    expect(countIds([])).toBe(0);
  });
});

describe('pieces of a template', () => {
  const rejecting = (error: unknown): LanguageModel => Object.assign(make(), { pieces: () => Promise.reject(error as Error) });

  it('agree where every id stands for the same bytes', async () => {
    expect(await agreeOnPieces(make(), make({ longTokens: ['Die'] }), [1, 2, 2, 100], signal)).toBe(true);
    expect(await agreeOnPieces(make(), make({ longTokens: ['Die'] }), [1, 260], signal)).toBe(false);
    expect(await agreeOnPieces(make(), make({ longTokens: ['T'] }), [260], signal)).toBe(false);
    const few = Object.assign(make(), { pieces: () => Promise.resolve([]) });
    expect(await agreeOnPieces(make(), few, [100], signal)).toBe(false);
  });

  it('do not where one model lacks an id; any other failure is told', async () => {
    for (const code of ['badPrefillFile', 'internal'] as const)
      expect(await agreeOnPieces(make(), rejecting(new AuditError(code, 'x')), [1], signal)).toBe(false);
    for (const code of ['cancelled', 'endpointFailed'] as const)
      expect((await catchError(agreeOnPieces(make(), rejecting(new AuditError(code, 'x')), [1], signal))).code).toBe(code);
    await expect(agreeOnPieces(make(), rejecting(new TypeError('broken')), [1], signal)).rejects.toThrow('broken');
    expect((await catchError(agreeOnPieces(make(), make(), [1], AbortSignal.abort()))).code).toBe('cancelled');
  });
});
