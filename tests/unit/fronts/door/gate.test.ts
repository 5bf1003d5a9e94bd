import t from 'tap';
import { parseNetworks } from '../../../../src/fronts/door/client.js';
import { type Access, Gate, type Sender } from '../../../../src/fronts/door/gate.js';

const ROLES = new Map([
  ['key-p', { id: 'p', role: 'predict' }],
  ['key-a', { id: 'a', role: 'admin' }],
] as const);

function gate(isRequired: boolean, trusted = ''): Gate {
  return new Gate({
    keys: {
      isRequired,
      holderOf: (key) => (key === 'key-p' || key === 'key-a' ? ROLES.get(key) : undefined),
    },
    adminToken: { matches: (text) => text === 'token' },
    trustedProxies: parseNetworks(trusted),
    hashes: { of: (name) => `hash of ${name}` },
  });
}

function sender(key: string, changes: Partial<Sender> = {}): Sender {
  return { peer: '127.0.0.1', authorization: '', apiKey: key, forwardedFor: '', ...changes };
}

function outcome(of: Gate, access: Access, key: string): string {
  try {
    return of.admit(access, sender(key)).role;
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : 'no error of ours';
  }
}

t.test('who may do what', async (t) => {
  const table: readonly (readonly [string, Access, boolean, string])[] = [
    ['', 'open', true, 'anonymous'],
    ['wrong', 'open', true, 'anonymous'],
    ['', 'predict', false, 'anonymous'],
    ['', 'predict', true, 'unauthenticated'],
    ['wrong', 'predict', false, 'unauthenticated'],
    ['key-p', 'predict', true, 'predict'],
    ['token', 'predict', true, 'admin'],
    ['', 'admin', false, 'unauthenticated'],
    ['', 'admin', true, 'unauthenticated'],
    ['key-p', 'admin', true, 'forbidden'],
    ['key-a', 'admin', true, 'admin'],
    ['token', 'admin', false, 'admin'],
    ['token', 'admin', true, 'admin'],
  ];
  for (const [key, access, isRequired, expected] of table)
    t.equal(outcome(gate(isRequired), access, key), expected, `${key || 'no key'}: ${access}, ${isRequired}`);
});

t.test('a key comes as a bearer token, too', async (t) => {
  t.equal(gate(true).admit('admin', sender('', { authorization: 'bearer key-a' })).name, 'key:a');
});

t.test(
  'clients are named by their address, behind a trusted proxy by that of the proxy’s client',
  async (t) => {
    const forwardedFor = '203.0.113.9';
    const direct = sender('', { peer: '198.51.100.1', forwardedFor });
    t.equal(gate(false).admit('predict', direct).name, '198.51.100.1');
    t.equal(gate(false, '198.51.100.0/24').admit('predict', direct).name, forwardedFor);
    t.equal(gate(false).admit('predict', direct).hash, 'hash of 198.51.100.1');
  },
);
