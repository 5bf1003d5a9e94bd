import ipaddr from 'ipaddr.js';
import { FoveaError } from '../../platform/errors.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;
type Network = readonly [Address, number];

/** Parses a list of addresses and networks, such as `10.0.0.0/8,::1`.
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
          `FOVEA_TRUSTED_PROXIES: ${name} is neither an address nor a network.`,
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
  // Some proxies append the port, and write IPv6 in brackets.
  const bare = /^\[([^\]]+)\](?::\d+)?$/.exec(text)?.[1] ?? /^([\d.]+):\d+$/.exec(text)?.[1] ?? text;
  return ipaddr.isValid(bare) ? ipaddr.process(bare) : undefined;
}

function isIn(address: Address, networks: readonly Network[]): boolean {
  return networks.some(
    ([network, bits]) => network.kind() === address.kind() && address.match(network, bits),
  );
}

/** @param peer the peer's address as text */
export function isTrusted(peer: string, trusted: readonly Network[]): boolean {
  const address = parseAddress(peer);
  return address !== undefined && isIn(address, trusted);
}

/** All addresses of an IPv6 /64 are one client, because one household or machine usually owns a whole /64. */
function nameOf(address: Address): string {
  if (address instanceof ipaddr.IPv4) return address.toString();
  const prefix = new ipaddr.IPv6([...address.parts.slice(0, 4), 0, 0, 0, 0]);
  return `${prefix.toString()}/64`;
}

/**
 * The client's address: that of the peer or, where the peer is a trusted proxy, the last address in X-Forwarded-For that
 * is not a trusted proxy. Addresses before it are ignored, because the client could have written them itself.
 * @param peer the peer's address as text
 * @param forwardedFor all lines of the header, joined by commas; '' when absent
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
