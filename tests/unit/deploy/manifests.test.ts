import { readFileSync } from 'node:fs';
import t, { type Test } from 'tap';
import { parse } from 'yaml';
import { z } from 'zod';
import { loadConfig, unknownSettings } from '../../../src/app/config/load.js';
import type { Config } from '../../../src/app/config/schema.js';
import { createProgram } from '../../../src/cli/program.js';
import {
  APPLIED,
  type Container,
  containerSchema,
  createValidator,
  environmentOf,
  type Manifest,
  NO_KUSTOMIZE,
  NO_SCHEMAS,
  podSchema,
  probePaths,
  render,
  requireKind,
  workloadSchema,
} from '../../support/manifests.js';

const OVERLAYS = APPLIED.filter((folder) => folder.includes('/overlays/'));
const KSERVE = APPLIED.filter((folder) => folder.includes('/kserve/'));

/** The variables that the image sets. */
const IMAGE = Object.fromEntries(
  [...readFileSync('Dockerfile.gpu', 'utf8').matchAll(/(FOVEA_\w+)=(\/\S+)/g)].map(([, name, value]) => [
    name,
    value,
  ]),
);

t.test(
  'every manifest fits the schemas of Kubernetes, KServe and the Prometheus operator',
  { skip: NO_SCHEMAS },
  async (t) => {
    const validate = createValidator();
    for (const folder of APPLIED) {
      const manifests = render(folder);
      t.ok(manifests.length > 0, folder);
      for (const manifest of manifests)
        t.same(validate(manifest), [], `${folder}: ${manifest.kind} ${manifest.metadata.name}`);
    }
    t.test('which refuse wrong names and types, also inside', async (t) => {
      const wrong: readonly [string, string, (manifest: Manifest) => unknown][] = [
        ['deploy/kubernetes/overlays/gpu', 'Deployment', ({ spec }) => ({ ...Object(spec), replica: 2 })],
        [
          'deploy/kubernetes/overlays/gpu',
          'ServiceMonitor',
          () => ({ selector: {}, endpoints: [{ prot: 'http' }] }),
        ],
        ['deploy/kserve/base', 'InferenceService', () => ({ predictor: { minReplicas: '0' } })],
        [
          'deploy/kserve/base',
          'InferenceService',
          () => ({ predictor: { model: { modelFormat: { name: 'fovea' }, storageURI: 's3://' } } }),
        ],
        ['deploy/kserve/base', 'ServingRuntime', () => ({ containers: [{ name: 'a', imagee: 'b' }] })],
      ];
      for (const [folder, kind, change] of wrong) {
        const manifest = requireKind(render(folder), kind);
        t.not(validate({ ...manifest, spec: change(manifest) }).length, 0, kind);
      }
    });
  },
);

const labelsSchema = z.record(z.string(), z.string());
const serviceSchema = z.object({ spec: z.object({ selector: labelsSchema }) });
const matchSchema = z.object({ matchLabels: labelsSchema });
const policySchema = z.object({ spec: z.object({ podSelector: matchSchema }) });
const monitorSchema = z.object({ spec: z.object({ selector: matchSchema }) });
const inferenceSchema = z.object({
  spec: z.object({
    predictor: z.object({
      serviceAccountName: z.string().optional(),
      model: z.object({
        runtime: z.string(),
        storageUri: z.url(),
        modelFormat: z.object({ name: z.string() }),
        protocolVersion: z.string(),
      }),
    }),
  }),
});

function predictorOf(folder: string) {
  return inferenceSchema.parse(requireKind(render(folder), 'InferenceService')).spec.predictor;
}

/** Checks a container against the settings and the image. */
function checkContainer(t: Test, container: Container): Config {
  const env = environmentOf(container);
  t.same(unknownSettings(env), [], 'its variables are settings');
  const config = loadConfig({ ...IMAGE, ...env });
  const mounts = container.volumeMounts.map(({ mountPath }) => mountPath);
  t.ok(mounts.includes(config.storage.stateDir), 'the state directory is a volume');
  t.ok(
    mounts.includes('/tmp') && container.securityContext.readOnlyRootFilesystem,
    'only volumes can be written',
  );
  const models = container.volumeMounts.find(({ mountPath }) => mountPath === config.repository.modelsDir);
  t.equal(
    config.repository.isReadOnly,
    models?.readOnly ?? config.repository.isReadOnly,
    'read-only repositories',
  );
  return config;
}

function checkPorts(t: Test, { ports, ...container }: Container, { http }: Config): void {
  const ofSettings = [http.port, Number(http.grpcPort)].filter((port) => !Number.isNaN(port));
  t.same(
    ports.map(({ containerPort }) => containerPort),
    ofSettings,
    'ports',
  );
  const probed = [container.startupProbe, container.livenessProbe, container.readinessProbe].flatMap(
    (probe) => probe?.httpGet.port ?? [],
  );
  for (const port of probed)
    t.ok(
      port === http.port || ports.find(({ name }) => name === port)?.containerPort === http.port,
      'probes',
    );
}

t.test('the overlays of Kubernetes', { skip: NO_KUSTOMIZE }, async (t) => {
  for (const folder of OVERLAYS) {
    t.test(folder, async (t) => {
      const manifests = render(folder);
      const { template } = workloadSchema.parse(requireKind(manifests, 'Deployment', 'fovea')).spec;
      const [container] = template.spec.containers;
      const config = checkContainer(t, container);
      checkPorts(t, container, config);
      t.equal(container.image, `fovea:${config.inference.device === 'cuda' ? 'gpu' : 'cpu'}`);
      t.equal(probePaths(container).length, 3);
      const { shutdownDelayMs, drainTimeoutMs, closeTimeoutMs } = config.http;
      t.ok(shutdownDelayMs >= 5000, 'endpoints change before the server leaves');
      const graceMs = (template.spec.terminationGracePeriodSeconds ?? 30) * 1000;
      t.ok(graceMs > shutdownDelayMs + drainTimeoutMs + closeTimeoutMs, 'the grace is longer than the drain');
      const volumes = template.spec.volumes.map(({ name }) => name);
      for (const { name } of container.volumeMounts) t.ok(volumes.includes(name), name);

      const selecting = [
        serviceSchema.parse(requireKind(manifests, 'Service', 'fovea')).spec.selector,
        policySchema.parse(requireKind(manifests, 'NetworkPolicy', 'fovea')).spec.podSelector.matchLabels,
        monitorSchema.parse(requireKind(manifests, 'ServiceMonitor')).spec.selector.matchLabels,
      ];
      for (const selector of selecting) {
        t.not(Object.keys(selector).length, 0, 'an empty selector takes every pod of the namespace');
        t.match(template.metadata.labels, selector);
      }
    });
  }

  t.test('several servers share limits, history and versions by databases that they may reach', async (t) => {
    const manifests = render('deploy/kubernetes/overlays/gpu-replicas');
    const { template } = workloadSchema.parse(requireKind(manifests, 'Deployment', 'fovea')).spec;
    const { limits, history, repository } = loadConfig(environmentOf(template.spec.containers[0]));
    t.ok(history.rolloutPollMs > 0 && repository.pollMs > 0);
    const { hostname, port } = new URL(limits.redisUrl);
    t.match(requireKind(manifests, 'Service', hostname), { spec: { ports: [{ port: Number(port) }] } });
    t.match(requireKind(manifests, 'NetworkPolicy', 'fovea'), {
      spec: {
        egress: [
          { to: [{ podSelector: { matchLabels: { 'app.kubernetes.io/name': hostname } } }] },
          { ports: [{ port: Number(new URL(history.url).port) }] },
          Object,
        ],
      },
    });
  });

  t.test('the autoscaler reads the metric that the adapter makes', async (t) => {
    const adapterSchema = z.object({
      rules: z.object({ custom: z.tuple([z.object({ name: z.object({ as: z.string() }) })]) }),
    });
    const adapter = adapterSchema.parse(
      parse(readFileSync('deploy/kubernetes/prometheus-adapter.yaml', 'utf8')),
    );
    t.match(requireKind(render('deploy/kubernetes/overlays/gpu-replicas'), 'HorizontalPodAutoscaler'), {
      spec: { metrics: [{ pods: { metric: { name: adapter.rules.custom[0].name.as } } }] },
    });
  });

  t.test('the training job runs a command that exists, and writes the repository', async (t) => {
    const { template } = workloadSchema.parse(requireKind(render('deploy/kubernetes/training'), 'Job')).spec;
    const [container] = template.spec.containers;
    const config = checkContainer(t, container);
    t.ok(
      container.volumeMounts.some(
        ({ mountPath, readOnly }) => mountPath === config.repository.modelsDir && readOnly !== true,
      ),
    );
    const [program, name, ...words] = container.args;
    const command = (await createProgram(config)).commands.find((each) => each.name() === name);
    t.equal(program, 'fovea');
    for (const word of words.filter((each) => each.startsWith('--')))
      t.ok(
        command?.options.some(({ long }) => long === word),
        word,
      );
  });
});

t.test('the manifests of KServe', { skip: NO_KUSTOMIZE }, async (t) => {
  for (const folder of KSERVE) {
    t.test(folder, async (t) => {
      const manifests = render(folder);
      const runtime = requireKind(manifests, 'ServingRuntime');
      const { spec } = z.object({ spec: podSchema }).parse(runtime);
      const container = containerSchema.parse(spec.containers[0]);
      const config = checkContainer(t, container);
      checkPorts(t, container, config);
      t.equal(config.repository.modelsDir, '/mnt/models', 'where the storage initializer puts a model');
      t.equal(config.repository.modelAlias, '{{.Name}}', 'what KServe replaces by the name of the service');
      t.match(runtime, { spec: { annotations: { 'prometheus.kserve.io/port': String(config.http.port) } } });
      const predictor = predictorOf(folder);
      t.equal(predictor.model.runtime, runtime.metadata.name);
      t.match(runtime, {
        spec: {
          supportedModelFormats: [{ name: predictor.model.modelFormat.name }],
          protocolVersions: [String, predictor.model.protocolVersion],
        },
      });
      if (predictor.serviceAccountName !== undefined)
        requireKind(manifests, 'ServiceAccount', predictor.serviceAccountName);
    });
  }
  const storage = KSERVE.map((folder) => new URL(predictorOf(folder).model.storageUri).protocol);
  t.same(new Set(storage), new Set(['pvc:', 'gs:', 's3:']));
});
