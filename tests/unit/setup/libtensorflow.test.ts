import { chmod, readdir, readFile, readlink, stat } from 'node:fs/promises';
import t from 'tap';
import { fillOnce } from '../../../setup/cache.mjs';
import { findLibtensorflow, unpackWheels } from '../../../setup/libtensorflow.mjs';
import { CUDA, WHEELS } from '../../../setup/wheels.mjs';
import { setupContext } from '../../support/setup-context.js';
import { makeWheel } from '../../support/wheel.js';

const HOST = { platform: 'linux', arch: 'x64', node: '20.17.0', abi: '115', glibc: '2.36' };
/** A folder that will do. */
const complete = () => ({
  include: { tensorflow: { c: { 'c_api.h': '', eager: { 'c_api.h': '' } } } },
  lib: { 'libtensorflow.so': '', 'libtensorflow_framework.so': '' },
});
const CPU = 'libtensorflow-2.21.0-linux-x64-cpu';

/** Neither Python nor anything else can be found. */
const NO_TOOLS = { PATH: '/nonexistent' };

t.test('FOVEA_LIBTENSORFLOW_DIR wins over the cache', async (t) => {
  const root = t.testdir({ given: complete(), cache: { [CPU]: complete() } });
  const context = setupContext(root, { ...NO_TOOLS, FOVEA_LIBTENSORFLOW_DIR: `${root}/given` });
  t.strictSame(await findLibtensorflow(context, HOST), { folder: `${root}/given`, complaints: [] });
});

t.test('a FOVEA_LIBTENSORFLOW_DIR that is none is an error, never passed over', async (t) => {
  const root = t.testdir({ given: { lib: complete().lib }, cache: { [CPU]: complete() } });
  const context = setupContext(root, { FOVEA_LIBTENSORFLOW_DIR: `${root}/given` });
  const message = /lacks include\/tensorflow\/c\/c_api\.h, include\/tensorflow\/c\/eager\/c_api\.h\.\n.*→/;
  await t.rejects(findLibtensorflow(context, HOST), { name: 'SetupError', message });
});

t.test('what is in the cache is used without any tool or network', async (t) => {
  const root = t.testdir({ cache: { [CPU]: complete() } });
  const context = setupContext(root, NO_TOOLS);
  t.strictSame(await findLibtensorflow(context, HOST), { folder: `${root}/cache/${CPU}`, complaints: [] });
  t.strictSame(context.shown, []);
});

t.test('the package’s own download will do when it is all that the cache has', async (t) => {
  const root = t.testdir({ cache: { 'libtensorflow-2.9.1-linux-x64-cpu': complete() } });
  const found = await findLibtensorflow(setupContext(root, NO_TOOLS), HOST);
  t.equal(found.folder, `${root}/cache/libtensorflow-2.9.1-linux-x64-cpu`);
  t.match(found.complaints, [/2\.9\.1.* instead of libtensorflow-2\.21\.0.*delete it/s], 'and it is told');
});

t.test('where there is none, each cause comes with its remedy', async (t) => {
  const withoutPython = await findLibtensorflow(setupContext(t.testdir(), NO_TOOLS), HOST);
  t.equal(withoutPython.folder, undefined);
  t.match(withoutPython.complaints, [
    /no python3.*apt install/s,
    /2\.9\.1\.tar\.gz cannot be downloaded.*TFJS_NODE_CDN_STORAGE/s,
  ]);

  const context = setupContext(t.testdir());
  const withoutIndex = await findLibtensorflow(context, HOST);
  t.equal(withoutIndex.folder, undefined);
  t.match(withoutIndex.complaints[0], /pip could not download tensorflow-cpu==2\.21\.0.*pip config list/s);
  t.strictSame(await readdir(`${context.root}/cache`), []);
});

t.test('Python without pip is told apart', async (t) => {
  const root = t.testdir({ python3: '#!/bin/sh\necho "$0: No module named pip" >&2; exit 1\n' });
  await chmod(`${root}/python3`, 0o755);
  const { complaints } = await findLibtensorflow(setupContext(root, { PATH: `${root}:/usr/bin:/bin` }), HOST);
  t.match(complaints[0], /has no pip.*apt install .*python3-pip/s);
});

t.test('where CUDA cannot be had the CPU is used, and the cause is kept', async (t) => {
  const root = t.testdir({ cache: { [CPU]: complete() } });
  const { folder, complaints } = await findLibtensorflow(
    setupContext(root, { ...NO_TOOLS, FOVEA_DEVICE: 'cuda' }),
    HOST,
  );
  t.equal(folder, `${root}/cache/${CPU}`);
  t.match(complaints, [/no python3/]);
  const arm = { ...HOST, arch: 'arm64' };
  const onArm = await findLibtensorflow(setupContext(root, { ...NO_TOOLS, FOVEA_DEVICE: 'cuda' }), arm);
  t.match(onArm.complaints[0], /no build of TensorFlow for linux-arm64-cuda/);
});

t.test('of each wheel only what is needed is unpacked, and the wheels are not kept', async (t) => {
  const root = t.testdir({ wheels: {} });
  const tensorflow = await makeWheel(`${root}/wheels`, {
    name: 'tiny-tensorflow',
    files: {
      'tensorflow/libtensorflow_cc.so.2': 'the library',
      'tensorflow/libtensorflow_framework.so.2': 'the framework',
      'tensorflow/include/tensorflow/c/c_api.h': 'the header',
      'tensorflow/python/huge.py': 'unwanted',
    },
    take: [
      ['tensorflow/libtensorflow_', 'lib/libtensorflow_'],
      ['tensorflow/include/tensorflow/c/', 'include/tensorflow/c/'],
    ],
  });
  const nvcc = await makeWheel(`${root}/wheels`, {
    name: 'tiny-nvcc',
    files: { 'nvidia/cuda_nvcc/bin/ptxas': 'runs', 'nvidia/cuda_nvcc/include/x.h': 'unwanted' },
    take: [['nvidia/cuda_nvcc/bin/', 'nvidia/cuda_nvcc/bin/']],
  });
  const context = setupContext(root, { PIP_FIND_LINKS: `${root}/wheels` });
  const folder = await fillOnce(
    'tiny',
    1,
    (folders) => unpackWheels([tensorflow, nvcc], 1, folders, context),
    context,
  );
  t.equal(await readFile(`${folder}/include/tensorflow/c/c_api.h`, 'utf8'), 'the header');
  t.equal(await readFile(`${folder}/lib/libtensorflow.so`, 'utf8'), 'the library', 'through a link');
  t.equal(await readlink(`${folder}/lib/libtensorflow_framework.so`), 'libtensorflow_framework.so.2');
  t.equal(
    (await stat(`${folder}/nvidia/cuda_nvcc/bin/ptxas`)).mode & 0o111,
    0o111,
    'a program stays executable',
  );
  const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter(
    (entry) => !entry.isDirectory(),
  );
  t.equal(files.length, 7);
  t.strictSame(await readdir(`${root}/cache`), ['tiny']);
});

t.test('a wheel with another SHA-256 is refused and leaves nothing behind', async (t) => {
  const root = t.testdir({ wheels: {} });
  const files = { 'tensorflow/libtensorflow_cc.so.2': 'forged' };
  const wheel = await makeWheel(`${root}/wheels`, { name: 'tiny', files, take: [['tensorflow/', 'lib/']] });
  const pinned = { ...wheel, sha256: '0'.repeat(64) };
  const context = setupContext(root, { PIP_FIND_LINKS: `${root}/wheels` });
  const refused = fillOnce('tiny', 1, (folders) => unpackWheels([pinned], 1, folders, context), context);
  await t.rejects(refused, { name: 'SetupError', message: /whose SHA-256 differs.*→/s });
  t.strictSame(await readdir(`${root}/cache`), []);
});

t.test('every wheel is pinned, and the CUDA libraries go where libtensorflow looks for them', async (t) => {
  const wheels = [...Object.values(WHEELS), ...Object.values(CUDA)].flatMap((build) => build.wheels);
  for (const { requirement, sha256, platform } of wheels) {
    t.match(requirement, /^[a-z0-9-]+==[0-9.]+$/);
    t.match(sha256, /^[0-9a-f]{64}$/);
    t.match(platform, /^manylinux/);
  }
  // The RUNPATH of libtensorflow_framework.so.2, which lies in lib/, beside which it names these.
  const named = ['cublas', 'cuda_cupti', 'cuda_runtime', 'cudnn', 'cufft', 'cusparse', 'nccl'];
  const places = wheels.flatMap(({ take }) => take.map(([, to]) => to));
  for (const name of named) t.ok(places.includes(`nvidia/${name}/lib/`), name);
  // It opens cuSOLVER by itself, but looks in these only, and ignores every GPU where it finds none.
  const cusolver = wheels.find(({ requirement }) => requirement.startsWith('nvidia-cusolver'));
  t.match(cusolver?.take, [['nvidia/cusolver/lib/', 'nvidia/cublas/lib/']]);
  t.ok(places.includes('nvidia/nvrtc/lib/'), 'where cuDNN looks');
});
