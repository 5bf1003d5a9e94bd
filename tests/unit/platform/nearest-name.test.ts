import t from 'tap';
import { nearestName } from '../../../src/platform/nearest-name.js';

t.test('the nearest name differs by the fewest letters', async (t) => {
  t.equal(nearestName('FOVEA_HSOT', ['FOVEA_PORT', 'FOVEA_HOST']), 'FOVEA_HOST');
  t.equal(nearestName('X', []), undefined);
});
