/** The page and the command line show hostile text alike. */
export { chipText, visibleLine, visibleParts, type VisiblePart } from '../../src/audit/visible-text.js';
