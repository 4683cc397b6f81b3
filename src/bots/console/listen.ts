// Opens and closes the port, and says in plain words why it can not be opened.

import type { Server } from 'node:http';
import { createAdaptorServer, type HttpBindings } from '@hono/node-server';
import { UserError } from '../../core/user-error.ts';

export interface Listener {
  /** The port it really has, when 0 was asked for. */
  port: number;
  close(): Promise<void>;
}

export async function listen(
  /** Is told of the connection as well. */
  fetch: (request: Request, connection: HttpBindings) => Response | Promise<Response>,
  host: string,
  port: number,
): Promise<Listener> {
  const server = createAdaptorServer({
    fetch: (request, connection) => fetch(request, connection as HttpBindings), // ours is plain HTTP
    hostname: host,
  }) as Server;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(explain(error, host, port)));
    server.listen(port, host, resolve);
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    close: () => close(server),
  };
}

function close(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.close((error) => (error ? reject(error) : resolve()));
    // Pages keep their event stream open for as long as they live.
    server.closeAllConnections();
  });
}

function explain(error: Error, host: string, port: number): Error {
  switch ('code' in error ? error.code : undefined) {
    case 'EADDRINUSE': {
      const other = port < 65_535 ? port + 1 : port - 1;
      return new UserError(`Port ${port} is in use: stop the other program or set PORT=${other} in .env.`, {
        cause: error,
      });
    }
    case 'EACCES':
      return new UserError(
        `Port ${port} is not open to this user: set PORT= to a number above 1023 in .env.`,
        {
          cause: error,
        },
      );
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new UserError(`${host} is not an address of this machine: set HOST=127.0.0.1 in .env.`, {
        cause: error,
      });
    default:
      return error;
  }
}
