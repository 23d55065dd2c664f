/** The panels of the side region, in the order in which they are offered. What each is stands in the registry. */
export const PANEL_NAMES = ['plots', 'themes', 'keywords', 'findings', 'conclusion'] as const;
export type PanelName = (typeof PANEL_NAMES)[number];
