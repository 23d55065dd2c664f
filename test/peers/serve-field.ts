/** A field server in a process of its own, that may be killed: serve-field PORT; prints the port. */
import { startFieldServer } from './field-server.js';

const server = await startFieldServer('plain', { port: Number(process.argv[2] ?? 0), delayMs: 250 });
process.stdout.write(`${new URL(server.url).port}\n`);
