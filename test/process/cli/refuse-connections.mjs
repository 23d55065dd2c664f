// @ts-check
// Imported before a program: every way to the network fails, and is written to the file that CONNECTIONS names.
import dns from 'node:dns';
import { appendFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';
import tls from 'node:tls';

const record = (/** @type {string} */ line) => appendFileSync(String(process.env['CONNECTIONS']), `${line}\n`);

/** @param {any} owner @param {string[]} names */
function refuse(owner, ...names) {
  for (const name of names) {
    owner[name] = () => {
      record(`tried ${name}`);
      throw new Error(`${name} is refused`);
    };
  }
}

refuse(net.Socket.prototype, 'connect');
refuse(net, 'connect', 'createConnection');
refuse(tls, 'connect');
refuse(dns, 'lookup', 'resolve', 'resolve4', 'resolve6');
refuse(dns.promises, 'lookup', 'resolve', 'resolve4', 'resolve6');
refuse(http, 'request', 'get');
refuse(https, 'request', 'get');
refuse(globalThis, 'fetch');
syncBuiltinESMExports();
record(`watching ${process.argv[1]?.split(/[\\/]/).at(-1)}`);
