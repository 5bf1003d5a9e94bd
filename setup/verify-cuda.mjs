/*
 * Checks the CUDA build of TensorFlow that set-up installed. Prints one line per check; the exit code is 1 when a check fails.
 * A GPU is not needed:
 *
 *   FOVEA_DEVICE=cuda node setup/setup.mjs
 *   node setup/verify-cuda.mjs
 */
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from './command.mjs';
import { requirePython } from './pip.mjs';
import { messageOf } from './setup-error.mjs';
import { startServer } from './trial-server.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const BINDING = join(ROOT, 'node_modules/@tensorflow/tfjs-node-gpu');
const LIBRARIES = join(BINDING, 'deps/lib');
const NVIDIA = join(BINDING, 'deps/nvidia');
/** For all checks together. */
const TIME_LIMIT_MS = 180_000;
const HAS_GPU = existsSync('/dev/nvidiactl');

/** Has TensorFlow itself open what it opens at run time, by the functions that it uses for that. */
const OPEN_LIBRARIES = `
import ctypes, os, sys
os.environ['TF_CPP_MIN_LOG_LEVEL'] = '3'
framework = ctypes.CDLL(os.path.join(sys.argv[1], 'libtensorflow_framework.so.2'))
failed = []
for name in sys.argv[2:]:
    function = 'Get%sDsoHandle' % name
    # What it returns is a status and a handle, through a pointer; 1 is the status of success.
    result = (ctypes.c_uint64 * 4)()
    framework['_ZN3tsl8internal9DsoLoader%d%sEv' % (len(function), function)](ctypes.byref(result))
    if result[0] != 1: failed.append(name)
if failed: sys.exit('not found: ' + ', '.join(failed))
`;
const OPENED = [
  'CudaRuntime',
  'Cublas',
  'CublasLt',
  'Cufft',
  'Cusolver',
  'Cusparse',
  'Cudnn',
  'Nccl',
  'Cupti',
];

const options = { env: process.env, signal: AbortSignal.timeout(TIME_LIMIT_MS) };

/** @type {Record<string, () => Promise<string>>} The name of each check → a function that returns a remark, or throws when the check fails. */
const CHECKS = {
  'the CUDA build of libtensorflow is set up': async () => {
    if (!existsSync(NVIDIA))
      throw new Error('Run FOVEA_DEVICE=cuda node setup/setup.mjs --tensorflow first.');
    return '';
  },
  'every library finds those that it is linked with': async () => {
    const files = [
      join(BINDING, 'lib/napi-v8/tfjs_binding.node'),
      ...(await librariesBelow(BINDING, 'deps')),
    ];
    const missing = [];
    for (const file of files) missing.push(...(await missingOf(file)));
    if (missing.length > 0) throw new Error(missing.join('; '));
    return `${files.length} libraries`;
  },
  'TensorFlow finds those that it opens at run time': async () => {
    await run(requirePython(process.env), ['-c', OPEN_LIBRARIES, LIBRARIES, ...OPENED], options);
    return OPENED.join(', ');
  },
  'cuDNN finds NVRTC for the engines that it compiles at run time': async () => {
    const [library] = await librariesBelow(NVIDIA, 'nvrtc');
    if (!library) throw new Error('There is none in nvidia/nvrtc/lib.');
    return '';
  },
  "NVIDIA's assembler runs": async () => {
    const version = await run(join(NVIDIA, 'cuda_nvcc/bin/ptxas'), ['--version'], options);
    return /release [\d.]+/.exec(version)?.[0] ?? '';
  },
  'on the CPU, TensorFlow predicts with this build': () => predictOn('cpu'),
  ...(HAS_GPU
    ? { 'on the GPU, TensorFlow predicts': () => predictOn('cuda') }
    : { 'without a GPU, FOVEA_DEVICE=cuda says so and ends': refuseCuda }),
};

for (const [what, check] of Object.entries(CHECKS)) {
  try {
    const remark = await check();
    console.log(`ok      ${what}${remark && `: ${remark}`}`);
  } catch (error) {
    console.log(`FAILED  ${what}: ${messageOf(error)}`);
    process.exitCode = 1;
  }
}

/**
 * @param {string} root
 * @param {string} folder
 */
async function librariesBelow(root, folder) {
  const found = await readdir(join(root, folder), { recursive: true }).catch(() => []);
  return found.filter((name) => /\.so(\.|$)/.test(name)).map((name) => join(root, folder, name));
}

/**
 * A machine without a GPU has no driver, so the driver's library may be missing.
 * @param {string} file
 */
async function missingOf(file) {
  const lines = (await run('ldd', [file], options)).split('\n');
  const missing = lines.filter((line) => line.includes('not found'));
  return missing.filter((line) => !line.includes('libcuda.so.1')).map((line) => `${file}: ${line.trim()}`);
}

/** @param {'cpu' | 'cuda'} device */
async function predictOn(device) {
  const settings = { FOVEA_ENGINE: 'tensorflow', FOVEA_DEVICE: device };
  const server = await startServer(ROOT, settings, options.signal);
  try {
    const { engine, answer } = await server.predict('cat-0000.jpg');
    if (engine.device !== device) throw new Error(`It ran on ${engine.device}.`);
    if (answer.predicted_class !== 'Cat') throw new Error(`It answered ${JSON.stringify(answer)}.`);
    return answer.predicted_class;
  } finally {
    await server.end();
  }
}

async function refuseCuda() {
  const server = await startServer(ROOT, { FOVEA_DEVICE: 'cuda' }, options.signal);
  try {
    const { code, output } = await server.ended;
    const reason = /There is no NVIDIA driver on this machine|TensorFlow found no CUDA device/.exec(
      output,
    )?.[0];
    if (code !== 1 || !reason) throw new Error(`It ended with ${code}:\n${output}`);
    return reason;
  } finally {
    await server.end();
  }
}
