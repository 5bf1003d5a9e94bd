import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { test } from 'tap';
import { DEVICES, PRECISIONS } from '../../../../src/models/engines/engine.js';
import {
  candidatesFor,
  ENGINE_NAMES,
  type EngineChoice,
  PROVIDERS,
  providerNamed,
} from '../../../../src/models/engines/providers.js';

function namesFor(choice: EngineChoice): string[] {
  return candidatesFor(choice).map(({ provider, device }) => `${provider.name} on ${device}`);
}

test('a GPU comes before the CPU, and on each device the list of providers is the order', async (t) => {
  t.same(namesFor({ engine: 'auto', device: 'cpu' }), [
    'native on cpu',
    'onnxruntime on cpu',
    'tensorflow on cpu',
    'wasm on cpu',
  ]);
  const onGpu = namesFor({ engine: 'auto', device: 'cuda' });
  t.ok(onGpu.includes('tensorflow on cuda'));
  t.same(namesFor({ engine: 'auto', device: 'auto' }), [
    ...onGpu,
    ...namesFor({ engine: 'auto', device: 'cpu' }),
  ]);
  t.same(namesFor({ engine: 'tensorflow', device: 'auto' }), ['tensorflow on cuda', 'tensorflow on cpu']);
  t.same(namesFor({ engine: 'wasm', device: 'cuda' }), []);
});

test('names are unique, and every provider has a device and a precision', async (t) => {
  t.equal(new Set(ENGINE_NAMES).size, PROVIDERS.length);
  for (const provider of PROVIDERS) {
    t.equal(providerNamed(provider.name), provider);
    t.ok(provider.devices.some((device) => DEVICES.includes(device)));
    t.ok(provider.precisions.some((precision) => PRECISIONS.includes(precision)));
  }
  t.equal(providerNamed('of another release'), undefined);
});

test('the whole server can be imported without loading an engine, its addon or OpenMP', async (t) => {
  const app = new URL('../../../../src/app/app.js', import.meta.url).href;
  const script = `
    await import(${JSON.stringify(app)});
    const { readFileSync } = await import('node:fs');
    const lines = readFileSync('/proc/self/maps', 'utf8').split('\\n');
    console.log([...new Set(lines.map((line) => line.split(/ +/)[5]))].join('\\n'));`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script]);
  t.match(stdout, /sharp.*\.node/, 'the list of mapped files is there');
  t.notMatch(stdout, /fovea_native|onnxruntime|libgomp|libdnnl|tfjs_binding|libtensorflow/);
});
