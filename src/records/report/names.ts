/** Names that reports use for confidences. */
import type { Confidence } from '../../analysis/finding.js';

export const CONFIDENCE_NAMES: Readonly<Record<Confidence, string>> = {
  low: 'low',
  medium: 'medium',
  high: 'high',
  inconclusive: 'inconclusive: what was read does not say',
};
