import type { PostgresForm } from '../../../platform/postgres/migrate.js';
import predictions from './migrations/001-predictions.js';
import uncertainty from './migrations/002-uncertainty.js';
import distance from './migrations/003-distance.js';

export const HISTORY_FORM: PostgresForm = {
  name: 'history',
  failed: 'history_failed',
  migrations: [predictions, uncertainty, distance],
};
