import ipaddr from 'ipaddr.js';
import { FoveaError } from '../../platform/errors.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;
type Network = readonly [Address, number];

/** Reads a list of addresses and networks, such as `10.0.0.0/8,::1`.
 * @throws FoveaError `config_invalid` */
export function parseNetworks(text: string): Network[] {
  const names = text.split(',').map((name) => name.trim());
  return names
    .filter((name) => name !== '')
    .map((name) => {
      try {
        return name.includes('/') ? ipaddr.parseCIDR(name) : wholeAddress(ipaddr.parse(name));
      } catch (error) {
        throw new FoveaError(
          'config_invalid',
          `FOVEA_TRUSTED_PROXIES: ${name} is no address and no network.`,
          {
            cause: error,
          },
        );
      }
    });
}

function wholeAddress(address: Address): Network {
  return [address, address.kind() === 'ipv4' ? 32 : 128];
}

function parseAddress(text: string): Address | undefined {
  // Proxies write ports behind addresses, and IPv6 in brackets.
  const bare = /^\[([^\]]+)\](?::\d+)?$/.exec(text)?.[1] ?? /^([\d.]+):\d+$/.exec(text)?.[1] ?? text;
  return ipaddr.isValid(bare) ? ipaddr.process(bare) : undefined;
}

function isIn(address: Address, networks: readonly Network[]): boolean {
  return networks.some(
    ([network, bits]) => network.kind() === address.kind() && address.match(network, bits),
  );
}

/** One household or machine has a whole /64 of IPv6 to itself: its addresses are one client. */
function nameOf(address: Address): string {
  if (address instanceof ipaddr.IPv4) return address.toString();
  const prefix = new ipaddr.IPv6([...address.parts.slice(0, 4), 0, 0, 0, 0]);
  return `${prefix.toString()}/64`;
}

export function isLoopback(peer: string): boolean {
  return parseAddress(peer)?.range() === 'loopback';
}

/**
 * Whose request it is, by address: the peer's; where that is a proxy that we trust, the last address of
 * X-Forwarded-For that is no such proxy. What stands before it could have been written by anybody.
 * @param peer text of the connection's other end
 * @param forwardedFor the header; '' where there was none
 */
export function clientAddress(peer: string, forwardedFor: string, trusted: readonly Network[]): string {
  const path = [...forwardedFor.split(','), peer].map((hop) => parseAddress(hop.trim()));
  for (const address of path.toReversed()) {
    if (address === undefined) break;
    if (!isIn(address, trusted)) return nameOf(address);
  }
  const own = parseAddress(peer);
  return own === undefined ? peer : nameOf(own);
}
