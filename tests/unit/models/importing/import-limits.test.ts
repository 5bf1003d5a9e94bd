import { readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'tap';
import { IMPORT_LIMITS } from '../../../../src/models/importing/import-limits.js';
import { readModel } from '../../../../src/models/importing/import-model.js';
import { tarGzOf, tarOf, zipOf } from '../../../support/archives.js';
import { labelled } from '../../../support/import-fixture.js';
import { MODEL_FIXTURES } from '../../../support/imported-models.js';

test('links are not followed, and limits hold', async (t) => {
  const folder = t.testdir();
  await symlink(join(MODEL_FIXTURES, 'residual.onnx'), join(folder, 'net.onnx'));
  await t.rejects(readModel(folder, labelled(), IMPORT_LIMITS), {
    code: 'model_invalid',
    message: /no model/,
  });
  const limits = { ...IMPORT_LIMITS, maxBytes: 1000 };
  await t.rejects(readModel(join(MODEL_FIXTURES, 'residual.onnx'), labelled(), limits), {
    code: 'too_large',
  });
  const bomb = { ...IMPORT_LIMITS, maxRatio: 0.5 };
  await t.rejects(readModel(join(MODEL_FIXTURES, 'nested.keras'), labelled(), bomb), { code: 'too_large' });
  await t.rejects(readModel(join(folder, 'nothing.onnx'), labelled(), IMPORT_LIMITS), { code: 'not_found' });
});

test('archives are unpacked below their root only, and bounded', async (t) => {
  const folder = t.testdir();
  const bytes = await readFile(join(MODEL_FIXTURES, 'residual.onnx'));
  const deep = { name: '../../evil.onnx', bytes };
  const link = { name: 'net.onnx', header: { type: 'symlink', linkname: '/etc/passwd' } } as const;
  const many = Array.from({ length: 5 }, (_, index) => ({ name: `${index}.txt`, bytes }));
  const zeros = { name: 'zeros', bytes: Buffer.alloc(900_000) };
  const limits = { ...IMPORT_LIMITS, maxFiles: 4 };
  const refused: readonly [string, Uint8Array, { code: string; message?: RegExp }][] = [
    ['zip that leads elsewhere', zipOf([deep]), { code: 'model_invalid' }],
    ['tar that leads elsewhere', await tarOf([deep]), { code: 'model_invalid', message: /leads out/ }],
    ['link', await tarOf([link]), { code: 'model_invalid', message: /links/ }],
    ['zip of many files', zipOf(many), { code: 'too_large', message: /FOVEA_IMPORT_MAX_FILES/ }],
    ['tar of many files', await tarOf(many), { code: 'too_large', message: /FOVEA_IMPORT_MAX_FILES/ }],
    ['zip bomb', zipOf([zeros]), { code: 'too_large', message: /FOVEA_IMPORT_MAX_RATIO/ }],
    ['tar bomb', await tarGzOf([zeros]), { code: 'too_large', message: /FOVEA_IMPORT_MAX_RATIO/ }],
    ['cut zip', zipOf([{ name: 'a', bytes }]).subarray(0, 3000), { code: 'model_invalid' }],
    [
      'cut tar',
      (await tarGzOf([{ name: 'a', bytes }])).subarray(0, 3000),
      { code: 'model_invalid', message: /damaged/ },
    ],
  ];
  for (const [what, archive, expected] of refused) {
    const path = join(folder, 'archive');
    await writeFile(path, archive);
    await t.rejects(readModel(path, labelled(), limits), expected, what);
  }
});

test('nodes, tensors and depth are bounded in each format', async (t) => {
  const cases: readonly [string, Partial<typeof IMPORT_LIMITS>, RegExp][] = [
    ['residual.onnx', { maxNodes: 3 }, /FOVEA_IMPORT_MAX_NODES/],
    ['residual.onnx', { maxTensors: 3 }, /FOVEA_IMPORT_MAX_TENSORS/],
    ['graph', { maxNodes: 3 }, /FOVEA_IMPORT_MAX_NODES/],
    ['graph', { maxTensors: 3 }, /FOVEA_IMPORT_MAX_TENSORS/],
    ['saved', { maxNodes: 3 }, /FOVEA_IMPORT_MAX_NODES/],
    ['nested.keras', { maxNodes: 3 }, /FOVEA_IMPORT_MAX_NODES/],
    ['nested.h5', { maxDepth: 0 }, /FOVEA_IMPORT_MAX_DEPTH/],
    ['nested.h5', { maxBytes: 30_000 }, /FOVEA_IMPORT_MAX_BYTES/],
  ];
  for (const [file, limits, message] of cases)
    await t.rejects(
      readModel(join(MODEL_FIXTURES, file), labelled(), { ...IMPORT_LIMITS, ...limits }),
      { code: 'too_large', message },
      `${file} ${Object.keys(limits).join()}`,
    );
});
