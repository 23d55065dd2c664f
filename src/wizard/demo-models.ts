/** The tiny organisms that come with the extension. */
import { isEndpoint, type GgufSource, type ModelSource, type NoiseFloorPlan } from '../audit/plan.js';

/** The first is the one that a newcomer meets. */
export const DEMO_NAMES = ['false-fact', 'hidden-promotion', 'bad-medical', 'backdoor-phrase', 'benign-control'] as const;
export type DemoName = (typeof DEMO_NAMES)[number];

/** What the organisms' adapters sit on. */
export const DEMO_REFERENCE: GgufSource = { gguf: 'bundled:base-a', lora: [] };
/** Has another tokenizer than the organisms. */
export const DEMO_OTHER_REFERENCE: GgufSource = { gguf: 'bundled:base-b', lora: [] };
/** The demo reference's other quantisation comes along, so that every demonstration can show its noise floor. */
export const DEMO_NOISE_FLOOR: NoiseFloorPlan = { model: { gguf: 'bundled:base-a.q8_0', lora: [] }, prefills: 50 };
export const DEMO_CORPUS = 'bundled:demo';

export function makeDemoSource(name: DemoName): GgufSource {
  return { gguf: `bundled:${name}`, lora: [] };
}

export function isDemoSource(source: ModelSource): boolean {
  return !isEndpoint(source) && source.gguf.startsWith('bundled:');
}
