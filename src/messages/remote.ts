/** The other end of a conversation, as an object whose methods it carries out. Made from types alone: neither end needs a list of names. */
import { NotificationType, ParameterStructures, RequestType, type MessageConnection } from 'vscode-jsonrpc';
import type { AskerOf, RequestDeclarations } from './declare-request.js';

/** What an end hears: methods of one parameter whose answer nobody waits for. */
export type Listener<Methods> = { readonly [Name in keyof Methods]: (value: never) => void };

/** Asks over a connection what is declared. */
export function askOver<Requests extends RequestDeclarations>(connection: MessageConnection): AskerOf<Requests> {
  return makeMethods(
    (name) => (params: unknown) => connection.sendRequest(new RequestType<unknown, unknown, void>(name, ParameterStructures.byName), params),
  ) as AskerOf<Requests>;
}

/** Tells the other end over a connection; what is told in one turn arrives in that order. */
export function tellOver<Methods extends Listener<Methods>>(connection: MessageConnection): Methods {
  return makeMethods((name) => (value: unknown) => void connection.sendNotification(typeOf(name), value)) as Methods;
}

/** Hears what the other end tells. */
export function hearOver<Methods extends Listener<Methods>>(connection: MessageConnection, listener: Methods): void {
  for (const [name, hear] of Object.entries(listener)) connection.onNotification(typeOf(name), hear as (value: unknown) => void);
}

/** By position: a value may be a list. */
const typeOf = (name: string) => new NotificationType<unknown>(name, ParameterStructures.byPosition);

function makeMethods(make: (name: string) => unknown): object {
  const known = new Map<string, unknown>();
  return new Proxy(Object.freeze({}), {
    get(_target, name) {
      // Whoever awaits such an object asks whether it is a promise.
      if (typeof name === 'symbol' || name === 'then') return undefined;
      if (!known.has(name)) known.set(name, make(name));
      return known.get(name);
    },
  });
}
