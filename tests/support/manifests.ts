import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';

const KUSTOMIZE = process.env.TEST_KUSTOMIZE ?? 'kustomize';
/** Folder that `tests/support/manifest-schemas.py` wrote. */
const SCHEMAS = process.env.TEST_MANIFEST_SCHEMAS;

/** Reason to skip tests that render manifests; false when Kustomize is installed. */
export const NO_KUSTOMIZE =
  spawnSync(KUSTOMIZE, ['version']).error === undefined ? false : 'kustomize is missing';

/** Reason to skip tests that validate manifests. */
export const NO_SCHEMAS =
  SCHEMAS === undefined ? 'TEST_MANIFEST_SCHEMAS names no JSON schemas' : NO_KUSTOMIZE;

/** Every folder that users apply. */
export const APPLIED = [
  'deploy/kubernetes/training',
  ...['deploy/kubernetes/overlays', 'deploy/kserve'].flatMap((parent) =>
    readdirSync(parent).map((name) => `${parent}/${name}`),
  ),
];

const manifestSchema = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.object({ name: z.string() }),
});

export type Manifest = z.infer<typeof manifestSchema>;

const rendered = new Map<string, Manifest[]>();

/** Renders a folder as `kubectl apply -k` does, once. */
export function render(folder: string): readonly Manifest[] {
  let manifests = rendered.get(folder);
  if (manifests === undefined) {
    const text = execFileSync(KUSTOMIZE, ['build', folder], { encoding: 'utf8' });
    manifests = parseAllDocuments(text).map((document) => manifestSchema.parse(document.toJS()));
    rendered.set(folder, manifests);
  }
  return manifests;
}

export function requireKind(manifests: readonly Manifest[], kind: string, name?: string): Manifest {
  const found = manifests.find(
    (each) => each.kind === kind && each.metadata.name === (name ?? each.metadata.name),
  );
  if (found === undefined) throw new Error(`There is no ${kind} ${name ?? ''}.`);
  return found;
}

const httpGetSchema = z.object({
  httpGet: z.object({ path: z.string(), port: z.union([z.string(), z.int()]) }),
});

export const containerSchema = z.object({
  image: z.string(),
  args: z.array(z.string()).default([]),
  env: z
    .array(
      z.union([
        z.strictObject({ name: z.string(), value: z.string() }),
        z.strictObject({
          name: z.string(),
          valueFrom: z.object({ secretKeyRef: z.object({ name: z.string(), key: z.string() }) }),
        }),
      ]),
    )
    .default([]),
  ports: z.array(z.object({ name: z.string().optional(), containerPort: z.int() })).default([]),
  startupProbe: httpGetSchema.optional(),
  livenessProbe: httpGetSchema.optional(),
  readinessProbe: httpGetSchema.optional(),
  securityContext: z.looseObject({ readOnlyRootFilesystem: z.boolean() }),
  volumeMounts: z.array(
    z.object({ name: z.string(), mountPath: z.string(), readOnly: z.boolean().optional() }),
  ),
});

export type Container = z.infer<typeof containerSchema>;

export const podSchema = z.object({
  terminationGracePeriodSeconds: z.int().optional(),
  containers: z.tuple([containerSchema]),
  volumes: z.array(z.looseObject({ name: z.string() })),
});

export const workloadSchema = z.object({
  spec: z.object({
    template: z.object({ metadata: z.object({ labels: z.record(z.string(), z.string()) }), spec: podSchema }),
  }),
});

/** What operators put into secrets, by `<secret>/<key>`. */
const SECRETS: Readonly<Record<string, string>> = {
  'fovea-history/url': 'postgres://fovea:PASSWORD@db.example.org:5432/fovea',
};

/** Variables of a container. */
export function environmentOf({ env }: Container): Record<string, string> {
  return Object.fromEntries(
    env.map((variable) => {
      if ('value' in variable) return [variable.name, variable.value];
      const { name, key } = variable.valueFrom.secretKeyRef;
      return [variable.name, SECRETS[`${name}/${key}`] ?? ''];
    }),
  );
}

/** Paths that Kubernetes asks whether the container works. */
export function probePaths({ startupProbe, livenessProbe, readinessProbe }: Container): string[] {
  return [startupProbe, livenessProbe, readinessProbe].flatMap((probe) => probe?.httpGet.path ?? []);
}

/** Validates manifests by the schemas of Kubernetes 1.37, KServe and the Prometheus operator, which refuse unknown fields.
 * @returns one line a problem */
export function createValidator(): (manifest: Manifest) => string[] {
  const folder = SCHEMAS ?? '';
  const read = (name: string): object =>
    z.looseObject({}).parse(JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')));
  // Formats such as int32 belong to OpenAPI; types are checked.
  const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });
  ajv.addSchema(read('_definitions'));
  return (manifest) => {
    const [version = '', group] = manifest.apiVersion.split('/').toReversed();
    const name = [manifest.kind.toLowerCase(), group?.split('.')[0], version].filter(Boolean).join('-');
    const isValid = ajv.validate(read(name), manifest);
    const problems = isValid ? [] : (ajv.errors ?? []);
    return problems.map(
      ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
    );
  };
}
