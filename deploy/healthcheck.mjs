/** Whether the server of this container lives: exits with 0 or 1. Readiness is for load balancers, not for restarts. */
import { request as plain } from 'node:http';
import { request as encrypted } from 'node:https';

const {
  PORT = '5000',
  FOVEA_PORT: port = PORT,
  FOVEA_BASE_PATH: base = '',
  FOVEA_TLS_CERT: certificate,
} = process.env;
const request = certificate ? encrypted : plain;
// The certificate names the host that clients use, not this one.
const options = {
  host: 'localhost',
  port,
  path: `${base}/api/health/live`,
  timeout: 2000,
  rejectUnauthorized: false,
};
request(options, ({ statusCode }) => process.exit(statusCode === 200 ? 0 : 1))
  .on('timeout', () => process.exit(1))
  .on('error', () => process.exit(1))
  .end();
