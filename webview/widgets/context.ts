import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { PageState } from '../state/page-state.js';
import type { PageCommands } from '../commands.js';

export interface Page {
  readonly state: PageState;
  readonly commands: PageCommands;
}

export const PageContext = createContext<Page | null>(null);

export function usePage(): Page {
  const page = useContext(PageContext);
  if (!page) throw new Error('rendered outside of the page');
  return page;
}
