import { existsSync, readFileSync } from 'node:fs';
import t from 'tap';
import { parse } from 'yaml';
import { z } from 'zod';
import { loadConfig, unknownSettings } from '../../../src/app/config/load.js';

const durationSchema = z
  .string()
  .regex(/^\d+s$/)
  .transform((text) => Number.parseInt(text, 10) * 1000);
const serviceSchema = z.looseObject({
  image: z.string(),
  profiles: z.array(z.string()).default([]),
  ports: z.array(z.string()).default([]),
  environment: z.record(z.string(), z.string()).default({}),
  volumes: z.array(z.string()).default([]),
  stop_grace_period: durationSchema.optional(),
  depends_on: z.record(z.string(), z.object({ condition: z.literal('service_healthy') })).default({}),
  healthcheck: z.looseObject({}).optional(),
  read_only: z.literal(true),
  deploy: z.looseObject({ resources: z.looseObject({ limits: z.looseObject({ memory: z.string() }) }) }),
});
const composeSchema = z.object({
  services: z.record(z.string(), serviceSchema),
  volumes: z.record(z.string(), z.unknown()),
});

/** As Compose reads it without variables of the user. */
const TEXT = readFileSync('docker-compose.yml', 'utf8').replaceAll(
  /\$\{\w+:-([^}]*)\}/g,
  (_, fallback: string) => fallback || '""',
);
const { services, volumes } = composeSchema.parse(parse(TEXT, { merge: true }));
const OURS = Object.entries(services).filter(([, { image }]) => image.startsWith('fovea:'));

t.test('our services have settings that exist, and the ports of the settings', async (t) => {
  t.equal(OURS.length, 2);
  for (const [name, { environment, ports, stop_grace_period: graceMs = 10_000 }] of OURS) {
    t.same(unknownSettings(environment), [], name);
    const { http, limits } = loadConfig(environment);
    t.same(
      ports.map((port) => Number(port.split(':').at(-1))),
      [http.port],
      name,
    );
    t.ok(graceMs > http.shutdownDelayMs + http.drainTimeoutMs + http.closeTimeoutMs, `${name} may drain`);
    t.ok(new URL(limits.redisUrl).hostname in services, `${name} finds its Redis`);
  }
});

t.test('a service waits until the one that it needs is healthy', async (t) => {
  for (const [name, service] of Object.entries(services)) {
    for (const needed of Object.keys(service.depends_on)) {
      t.ok(services[needed]?.healthcheck !== undefined, `${name} → ${needed}`);
      t.same(services[needed]?.profiles, [], `${needed} always runs`);
    }
  }
  t.ok(OURS.every(([, { depends_on: needs }]) => 'redis' in needs));
  t.ok(readFileSync('Dockerfile.gpu', 'utf8').includes('\nHEALTHCHECK '), 'our image has its own check');
});

t.test('every volume exists, and only the server listens beyond this machine', async (t) => {
  for (const [name, service] of Object.entries(services)) {
    for (const source of service.volumes.map((volume) => volume.split(':')[0] ?? ''))
      t.ok(source.startsWith('./') ? existsSync(source) : source in volumes, `${name}: ${source}`);
    const isOurs = OURS.some(([ours]) => ours === name);
    t.ok(isOurs || service.ports.every((port) => port.startsWith('127.0.0.1:')), `${name}: ports`);
  }
});

t.test('Prometheus scrapes our services, Grafana asks Prometheus and shows the dashboard', async (t) => {
  const scrape = z.object({
    scrape_configs: z.tuple([
      z.looseObject({
        dns_sd_configs: z.tuple([z.object({ names: z.array(z.string()), port: z.int() }).loose()]),
      }),
    ]),
  });
  const [
    {
      dns_sd_configs: [found],
    },
  ] = scrape.parse(parse(readFileSync('deploy/prometheus/prometheus.yml', 'utf8'))).scrape_configs;
  t.same(
    found.names,
    OURS.map(([name]) => name),
  );
  t.equal(found.port, loadConfig({}).http.port);
  const sources = readFileSync('deploy/grafana/provisioning/datasources/prometheus.yml', 'utf8');
  const {
    datasources: [source],
  } = z.object({ datasources: z.tuple([z.looseObject({ url: z.url() })]) }).parse(parse(sources));
  const { hostname, port } = new URL(source.url);
  t.ok(services[hostname]?.ports.some((each) => each.endsWith(`:${port}`)));
  const boards = z.object({
    providers: z.tuple([z.looseObject({ options: z.object({ path: z.string() }) })]),
  });
  const {
    providers: [provider],
  } = boards.parse(parse(readFileSync('deploy/grafana/provisioning/dashboards/fovea.yml', 'utf8')));
  t.ok(
    services.grafana?.volumes.includes(`./deploy/grafana/fovea.json:${provider.options.path}/fovea.json:ro`),
  );
  t.equal(
    services.grafana?.environment.GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH,
    `${provider.options.path}/fovea.json`,
  );
});
