/**
 * Which pass of an audit a results page shows. One at a time: ids are counted in each pass on their own, so that with two of them on a page
 * one's completion could be taken for the other's.
 */
import { AuditError } from '../../audit/errors.js';
import { AuditAnalysis } from '../../analysis/audit-analysis.js';
import { readRungPass } from '../../audit/amplify-plan.js';
import type { CompletionRecord } from '../../audit/completion.js';
import { NOISE, PLAIN } from '../../audit/passes.js';
import type { AuditPasses } from '../../messages/page.js';
import { describeWriting, listPassNames, selectRecords, warnOfWriter } from '../../records/report/report-passes.js';
import type { AuditSession } from '../../runner/run/audit-session.js';

type SessionPasses = Pick<AuditSession, 'records' | 'record' | 'recordsOf' | 'passes' | 'amplification' | 'analysis'>;

export class ShownPass {
  readonly #session: SessionPasses;
  #name = PLAIN;
  /** Of another pass than the main one, in the order in which they were seen; those of several framings arrive side by side. */
  #others: CompletionRecord[] = [];
  #othersById = new Map<number, CompletionRecord>();
  #othersAnalysis: AuditAnalysis | null = null;

  constructor(session: SessionPasses) {
    this.#session = session;
  }

  get name(): string {
    return this.#name;
  }

  get isMain(): boolean {
    return this.#name === PLAIN;
  }

  /** What somebody may want to read, the main pass first: not the noise floor and not controls, which are measures and no text. */
  list(): AuditPasses {
    const audit = this.#audit();
    const names = listPassNames(audit).filter((name) => name !== NOISE && (readRungPass(name)?.seed ?? null) === null);
    const offers = names.map((name) => {
      const writing = describeWriting(audit, name);
      return { name, writer: writing.writer, completions: selectRecords(audit, name).length, warning: warnOfWriter(writing) };
    });
    return {
      offers,
      amplification: this.#session.amplification.map(({ framing, form, rungs, chosen, controls, state, ratio }) => ({
        framing,
        form,
        rungs,
        chosen,
        controls,
        state,
        ratio,
      })),
    };
  }

  /** @throws RangeError for a pass that is not offered */
  show(name: string): void {
    if (!this.list().offers.some((offer) => offer.name === name)) throw new AuditError('refused', `This audit has no pass “${name}” that could be shown.`);
    this.#name = name;
    this.#others = [];
    this.#othersById = new Map();
    this.#othersAnalysis = this.isMain ? null : new AuditAnalysis((pass) => (pass === PLAIN ? this.#others : []));
    this.refresh();
  }

  /** Takes in what has come since; what is there keeps its place. */
  refresh(): void {
    if (this.isMain) return;
    for (const record of selectRecords(this.#audit(), this.#name)) {
      if (this.#othersById.has(record.id)) continue;
      this.#othersById.set(record.id, record);
      this.#others.push(record);
    }
  }

  get records(): readonly CompletionRecord[] {
    return this.isMain ? this.#session.records : this.#others;
  }

  record(id: number): CompletionRecord | undefined {
    return this.isMain ? this.#session.record(id) : this.#othersById.get(id);
  }

  /** What is concluded from its completions alone. */
  get analysis(): AuditAnalysis {
    return this.#othersAnalysis ?? this.#session.analysis;
  }

  /** @throws RangeError while another pass is shown, whose ids are not those of the main one */
  requireMain(): void {
    if (!this.isMain) throw new AuditError('refused', 'Labels and findings are of what the finetuned model wrote by itself: show the plain pass to give them.');
  }

  #audit() {
    const { records, passes, amplification } = this.#session;
    return { records, passes: new Map(passes.filter((name) => name !== PLAIN).map((name) => [name, this.#session.recordsOf(name)])), amplification };
  }
}
