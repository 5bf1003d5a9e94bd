import t from 'tap';
import { clientAddress, parseNetworks } from '../../../../src/fronts/door/client.js';

const NONE = parseNetworks('');
const PROXIES = parseNetworks('10.0.0.0/8, 2001:db8:ffff::/48,192.0.2.7');

t.test('a client is its address; its IPv6 network of 64 bits is one client', async (t) => {
  t.equal(clientAddress('203.0.113.9', '', NONE), '203.0.113.9');
  t.equal(clientAddress('::ffff:203.0.113.9', '', NONE), '203.0.113.9', 'IPv4 in IPv6');
  t.equal(clientAddress('2001:db8:1:2:3:4:5:6', '', NONE), '2001:db8:1:2::/64');
  t.equal(clientAddress('2001:db8:1:2:ffff::1', '', NONE), '2001:db8:1:2::/64');
  t.not(clientAddress('2001:db8:1:3::1', '', NONE), '2001:db8:1:2::/64');
});

t.test('X-Forwarded-For counts only from trusted proxies, and only as far as they are trusted', async (t) => {
  t.equal(clientAddress('203.0.113.9', '198.51.100.1', PROXIES), '203.0.113.9', 'anybody can write it');
  t.equal(clientAddress('10.1.2.3', '198.51.100.1', PROXIES), '198.51.100.1');
  t.equal(clientAddress('10.1.2.3', '1.1.1.1, 198.51.100.1, 10.9.9.9', PROXIES), '198.51.100.1');
  t.equal(clientAddress('192.0.2.7', '198.51.100.1:4711', PROXIES), '198.51.100.1', 'with a port');
  t.equal(clientAddress('2001:db8:ffff::1', '[2001:db8:1:2::9]:80', PROXIES), '2001:db8:1:2::/64');
  t.equal(clientAddress('10.1.2.3', 'unknown', PROXIES), '10.1.2.3');
  t.equal(clientAddress('10.1.2.3', '10.4.4.4', PROXIES), '10.1.2.3', 'proxies only');
});

t.test('a list with something else in it is refused', async (t) => {
  t.throws(() => parseNetworks('10.0.0.0/8,proxy.example'), { code: 'config_invalid' });
  t.throws(() => parseNetworks('10.0.0.0/99'), { code: 'config_invalid' });
});
