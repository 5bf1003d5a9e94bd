import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
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
  secrets: z.array(z.string()).default([]),
  command: z.array(z.string()).default([]),
  healthcheck: z.looseObject({}).optional(),
  read_only: z.literal(true),
  deploy: z.looseObject({ resources: z.looseObject({ limits: z.looseObject({ memory: z.string() }) }) }),
});
const composeSchema = z.object({
  services: z.record(z.string(), serviceSchema),
  volumes: z.record(z.string(), z.unknown()),
  secrets: z.record(z.string(), z.object({ file: z.string() })),
});

/** As Compose reads it without variables of the user. */
const TEXT = readFileSync('docker-compose.yml', 'utf8').replaceAll(
  /\$\{\w+:-([^}]*)\}/g,
  (_, fallback: string) => fallback || '""',
);
const { services, volumes, secrets } = composeSchema.parse(parse(TEXT, { merge: true }));
const OURS = Object.entries(services).filter(([, { image }]) => image.startsWith('fovea:'));

/** The environment with the files of the host in place of those of the container. */
function withSecrets(environment: Readonly<Record<string, string>>): Record<string, string> {
  const entries = Object.entries(environment).map(([name, value]): [string, string] => {
    const secret = /^\/run\/secrets\/(.+)$/.exec(value)?.[1];
    return [name, secret === undefined ? value : join(SECRETS, basename(secrets[secret]?.file ?? ''))];
  });
  return Object.fromEntries(entries);
}

/** What deploy/make-secrets.sh writes. */
const SECRETS = join(t.testdir({ deploy: {} }), 'secrets');
const SCRIPT = join(SECRETS, '..', 'deploy', 'make-secrets.sh');
copyFileSync('deploy/make-secrets.sh', SCRIPT);
execFileSync(SCRIPT);

t.test(
  'secrets are files that the script writes, once, and the server and PostgreSQL have the same password',
  async (t) => {
    for (const { file } of Object.values(secrets)) {
      t.ok(existsSync(join(SECRETS, basename(file))), file);
      t.match(readFileSync('.gitignore', 'utf8'), `/${basename(dirname(file))}/`);
    }
    for (const [name, { secrets: used }] of Object.entries(services))
      for (const secret of used) t.ok(secret in secrets, `${name}: ${secret}`);
    const { url } = loadConfig(withSecrets(services.shared?.environment ?? {})).history;
    t.match(url, /^postgres:\/\/fovea:[0-9a-f]{48}@postgres\/fovea$/);
    t.equal(new URL(url).password, readFileSync(join(SECRETS, 'postgres-password'), 'utf8'));
    t.ok(new URL(url).hostname in services);
    t.throws(() => execFileSync(SCRIPT, { stdio: 'ignore' }), 'an existing password stays');
  },
);

t.test(
  'the Blueprint for Render has settings and build arguments that exist, and stays within its memory',
  async (t) => {
    const blueprint = z.object({
      services: z.tuple([
        z.looseObject({
          dockerfilePath: z.string(),
          healthCheckPath: z.string(),
          maxShutdownDelaySeconds: z.int().max(300),
          disk: z.looseObject({ mountPath: z.literal('/state') }),
          envVars: z.array(z.object({ key: z.string(), value: z.string() })),
        }),
      ]),
    });
    const [service] = blueprint.parse(parse(readFileSync('deploy/render.yaml', 'utf8'))).services;
    const env = Object.fromEntries(service.envVars.map(({ key, value }) => [key, value]));
    t.same(unknownSettings(env), []);
    const { http, inference } = loadConfig({ ...env, PORT: '10000' });
    t.match([http.port, inference.instances, inference.device], [10_000, 1, 'cpu']);
    t.ok(http.maxBufferedBytes <= 64 * 1024 * 1024);
    t.ok(service.maxShutdownDelaySeconds * 1000 > http.drainTimeoutMs + http.closeTimeoutMs);
    const dockerfile = readFileSync(service.dockerfilePath, 'utf8');
    for (const name of Object.keys(env).filter((key) => !key.startsWith('FOVEA_')))
      t.match(dockerfile, `\nARG ${name}=`);
    t.match(readFileSync('src/fronts/http/api/health.ts', 'utf8'), service.healthCheckPath);
  },
);

t.test('the flood is asked of a server that runs', async (t) => {
  const { environment = {}, volumes: mounts = [] } = services.k6 ?? {};
  const { hostname, port } = new URL(environment.FLOOD_URL ?? '');
  t.same(services[hostname]?.profiles, []);
  t.equal(Number(port), loadConfig({}).http.port);
  const script = readFileSync('deploy/k6/flood.js', 'utf8');
  for (const [, name] of script.matchAll(/__ENV\.(\w+)/g)) t.ok(String(name) in environment, String(name));
  const [, image = ''] = /open\('\/images\/(.+?)'/.exec(script) ?? [];
  const folder = mounts.find((mount) => mount.includes(':/images'))?.split(':')[0] ?? '';
  t.ok(existsSync(join(folder, image)));
});

t.test('our services have settings that exist, and the ports of the settings', async (t) => {
  t.equal(OURS.length, 3);
  for (const [name, { environment, ports, stop_grace_period: graceMs = 10_000 }] of OURS) {
    t.same(unknownSettings(environment), [], name);
    const { http, limits } = loadConfig(withSecrets(environment));
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
      const { profiles = [] } = services[needed] ?? {};
      t.ok(
        profiles.every((profile) => service.profiles.includes(profile)),
        `${needed} runs with ${name}`,
      );
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
