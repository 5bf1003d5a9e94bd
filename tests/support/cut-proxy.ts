import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import type { Test } from 'tap';
import { portOf } from './port-of.js';

export interface CutProxy {
  readonly port: number;
  /** Ends all connections. */
  readonly cut: () => void;
  /** While it is down, new connections end at once. */
  readonly setDown: (isDown: boolean) => void;
}

/** A TCP proxy in front of a server, whose connections can be cut, as a network does. */
export async function openCutProxy(t: Test, port: number): Promise<CutProxy> {
  const sockets = new Set<Socket>();
  let isRefusing: boolean = false;
  const proxy = createServer((client) => {
    if (isRefusing) {
      client.destroy();
      return;
    }
    const server = connect(port, '127.0.0.1');
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      sockets.add(from);
      from.pipe(to);
      from.on('error', () => undefined);
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
    }
  }).listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  t.teardown(() => {
    cut();
    proxy.close();
  });
  return {
    port: portOf(proxy),
    cut,
    setDown: (isDown) => {
      isRefusing = isDown;
      if (isDown) cut();
    },
  };
}
