// How long the extension host was blocked at most while an audit ran in it, beside the same while it was idle.
import { readFileSync } from 'node:fs';
import { runIntegration } from '../bed/run-integration.mjs';

const counts = await runIntegration({ grep: 'responsive' });
const { auditing, idle, duration } = JSON.parse(readFileSync(new URL('../results/longestBlockOfHostMs.json', import.meta.url), 'utf8'));
console.log(
  `Longest block of the extension host's event loop: ${auditing} ms during an audit of ${(duration / 1000).toFixed(1)} s, ${idle} ms idle for as long.`,
);
process.exit(counts.failed === 0 ? 0 : 1);
